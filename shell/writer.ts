// The bytes of classic answers. Most are one of a few constants, written once; those of the last one that had to be written are kept, since
// query-lists gets the same until a list is made.
import { classic, server } from '../core/index.js'

const bytesOf = (response: server.Response): Buffer => Buffer.from(classic.encodeReply(server.classicReply(response)), 'latin1')

const constantBytes: ReadonlyMap<server.Response, Buffer> = new Map(
  [server.done, ...Object.values(server.refuse)].map((response) => [response, bytesOf(response)]),
)

export const classicWriter = (): ((response: server.Response) => Buffer) => {
  let last: { readonly response: server.Response; readonly bytes: Buffer } = { response: server.done, bytes: bytesOf(server.done) }
  return (response) => {
    const constant = constantBytes.get(response)
    if (constant !== undefined) return constant
    if (last.response !== response) last = { response, bytes: bytesOf(response) }
    return last.bytes
  }
}
