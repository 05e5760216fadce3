/** What is used of saxen, which brings no types. */
declare module 'saxen' {
  /** Names of attributes and their values, entities not resolved. */
  export type Attributes = Readonly<Record<string, string>>;

  export class Parser {
    on(
      event: 'openTag',
      take: (
        name: string,
        attributes: () => Attributes,
        decode: (text: string) => string,
        isSelfClosing: boolean,
      ) => void,
    ): this;
    on(event: 'closeTag' | 'text' | 'cdata', take: (text: string) => void): this;
    on(event: 'error' | 'warn', take: (error: Error) => void): this;
    write(text: string): this;
    end(): Error | undefined;
  }
}
