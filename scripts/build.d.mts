/** Builds `dist/` unless it is up to date. */
export function build(options?: { readonly force?: boolean }): Promise<unknown>
