// Python's `json.dumps` with its default settings, which is how the original programs write every JSON: in replies and in relays.
// It differs from JSON.stringify in three ways that show on the wire: `, ` and `: ` as separators, everything outside ASCII as
// `\uXXXX` in lower-case hex (a pair of surrogates above U+FFFF), and two kinds of number, whole and floating.

/**
 * A JSON value as Python holds it, so that reading and writing again changes nothing else: a bigint is an `int` of any length, a
 * number is a `float` (`1.0` stays `1.0`), and an object is a Map, which keeps even a key such as "2" in its place.
 */
export type Json = null | boolean | bigint | number | string | readonly Json[] | JsonObject
export type JsonObject = ReadonlyMap<string, Json>

const shortEscapes = new Map([['"', '\\"'], ['\\', '\\\\'], ['\b', '\\b'], ['\f', '\\f'], ['\n', '\\n'], ['\r', '\\r'], ['\t', '\\t']])

/** Every UTF-16 unit that is not printable ASCII, and the two that JSON needs. */
const escaped = /["\\]|[^ -~]/g

const escapeUnit = (unit: string): string =>
  shortEscapes.get(unit) ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

const dumpString = (text: string): string => `"${text.replace(escaped, escapeUnit)}"`

/** Python's `repr` of a float: shortest digits, an exponent of at least two digits below 1e-4 and from 1e16 on, else a point. */
const dumpFloat = (value: number): string => {
  if (!Number.isFinite(value)) return String(value)
  if (Object.is(value, -0)) return '-0.0'
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) return value.toExponential().replace(/(?<=[+-])(?=\d$)/, '0')
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

/** `json.dumps(value)`. Refuses nothing: NaN and the infinities are written as Python writes them, although JSON has none. */
export const dumps = (value: Json): string => {
  if (typeof value === 'string') return dumpString(value)
  if (typeof value === 'number') return dumpFloat(value)
  if (value === null || typeof value !== 'object') return String(value)
  if (value instanceof Map) return `{${Array.from(value as JsonObject, ([key, item]) => `${dumpString(key)}: ${dumps(item)}`).join(', ')}}`
  return `[${(value as readonly Json[]).map(dumps).join(', ')}]`
}
