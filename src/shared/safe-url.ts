/**
 * Of any URL what is fit for a screen and a log. A user, a password, a path or a query may be the secret of a proxy or of
 * a webhook, so none of them is shown. For Redis, whose paths are the numbers of databases, see `redis-address.ts`.
 */

/** `https://proxy.example:8080`: how, and whose machine. What is no URL is not shown at all. */
export function shownUrl(text: string): string {
  if (!URL.canParse(text)) return 'a URL that is not shown';
  const { protocol, host } = new URL(text);
  // The host of a URL with an unencoded password may be the beginning of that password.
  const isPlain =
    host !== '' && text.split('@').length <= 2 && !/[/?#].*@/.test(text.slice(protocol.length + 2));
  return isPlain ? `${protocol}//${host}` : 'a URL that is not shown';
}
