// What is to be done, as comparable data. Each machine names the subset it uses; the shell has an interpreter for each.

/** Send `packet` to a UDP address. Nobody says whether it arrived. */
export interface Send<P> {
  readonly _tag: 'Send'
  readonly to: { readonly ip: string; readonly port: number }
  readonly packet: P
}

/** Make `record` durable. No later effect and no later response of the same machine happens before it is. */
export interface Persist<D> {
  readonly _tag: 'Persist'
  readonly record: D
}

/** Replace the file `name` by `content`, whole or not at all; `written` or `failed` is the response to whoever asked. */
export interface WriteFile<N, R> {
  readonly _tag: 'WriteFile'
  readonly name: N
  readonly content: string
  readonly written: R
  readonly failed: R
}

/** Tell whoever watches this program. */
export interface Announce<N> {
  readonly _tag: 'Announce'
  readonly notice: N
}

/** The machine has ended: nothing comes after it. */
export interface Exit<W> {
  readonly _tag: 'Exit'
  readonly why: W
}

export const send = <P>(to: Send<P>['to'], packet: P): Send<P> => ({ _tag: 'Send', to, packet })
export const announce = <N>(notice: N): Announce<N> => ({ _tag: 'Announce', notice })
export const exit = <W>(why: W): Exit<W> => ({ _tag: 'Exit', why })
