/**
 * A value of a page's query, decoded. WeChat gives what `navigateTo` was given (not verified for every version); a browser's host has
 * decoded it already, and what is no code is left as it is.
 */
export function decodedQuery(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
