/** So many at a time, until one of them says that there is no more. */
export async function sideBySide(lanes: number, one: () => Promise<boolean>): Promise<void> {
  const lane = async () => {
    while (await one());
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
