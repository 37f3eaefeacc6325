// The text of a datagram's bytes: the platform's decoder, which says only whether, and for what is no UTF-8 the core's, which says where.
import { right, type Either } from 'fp-ts/lib/Either.js'
import { decodeUtf8, type Malformed } from '../core/index.js'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** As `decodeUtf8`, several times as fast (350 bytes: 0.2 µs). */
export const textOf = (bytes: Uint8Array): Either<Malformed, string> => {
  try {
    return right(utf8.decode(bytes))
  } catch {
    return decodeUtf8(bytes)
  }
}
