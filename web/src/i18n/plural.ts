/** The English word for a number of things. */
export const plural = (n: number, one: string, many: string) => (n === 1 ? one : many);
