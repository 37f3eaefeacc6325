// JSON as the original programs write it: everything beyond ASCII is escaped. An original passes a message on in these bytes, so their
// number is what counts against the 2048 that the next one reads, and we write the same ones.
import { tryCatch, type Either } from 'fp-ts/lib/Either.js'
import { malformed, type Malformed } from '../malformed.js'

export type Json = null | boolean | number | string | ReadonlyArray<Json> | JsonObject
export interface JsonObject { readonly [key: string]: Json }

const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Nothing to escape: printable ASCII without quotes and backslashes. */
const plain = /^[ !#-[\]-~]*$/

/** A JSON string in pure ASCII. */
export const quoted = (text: string): string => (plain.test(text) ? `"${text}"` : JSON.stringify(text).replace(/[\u007f-\uffff]/g, escaped))

/** Parses JSON, or says that it is none. The one place that meets JSON.parse's exception. */
export const parse = (text: string, at: number): Either<Malformed, Json> =>
  tryCatch(() => JSON.parse(text) as Json, () => malformed(at, 'JSON'))
