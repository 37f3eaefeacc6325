// The words of a trace: what stands in quotes there has none of its own, so that tools that read lines by a pattern (ShiViz does) read these.
import * as t from 'io-ts'
import { limits } from '../limits.js'

export interface HostNameBrand { readonly HostName: unique symbol }

/** Controls, what turns or hides text, lone surrogates, and what ends a word or a clock for a reader that goes by a pattern. */
const odd = /[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}"\\]/gu
const brace = /[{}#]/g

const isWord = (text: string): boolean => text.length <= limits.traceTextCharacters && text.search(odd) < 0

/** A text without what could end it early. */
export const Words = t.refinement(t.string, isWord, 'Words')

/** `text` with single quotes for double ones and a middle dot for each other of these characters, and cut. */
export const wordsOf = (text: string): string => text.replaceAll('"', "'").replace(odd, '·').slice(0, limits.traceTextCharacters).replace(odd, '·')

const base = /^[^{}#]+$/u
const numbered = /^([^{}#]+)#([2-9]|[1-9][0-9]{1,8})$/u

/** Which process: a name, and from its second life on a number: `alice`, `alice#2`. Never `__proto__`, which no JSON object can have as a key of its own
 *  everywhere. */
export const HostName = t.brand(
  t.string,
  (s): s is t.Branded<string, HostNameBrand> => isWord(s) && s !== '__proto__' && (base.test(s) || numbered.test(s)),
  'HostName',
)
export type HostName = t.TypeOf<typeof HostName>

/** A name that a process can be known by: `text`, with dots for what a name may not have. */
export const hostNameOf = (text: string): HostName => {
  const name = wordsOf(text).replace(brace, '·').slice(0, limits.traceNameCharacters).replace(odd, '·')
  return (name === '' || name === '__proto__' ? 'nobody' : name) as HostName
}

/** Whose process it is, and which of its lives, from 1. */
export const lifeOf = (host: HostName): { readonly name: HostName; readonly life: number } => {
  const [, name, life] = numbered.exec(host) ?? []
  return name === undefined || life === undefined ? { name: host, life: 1 } : { name: name as HostName, life: Number(life) }
}

/** The process of that name in that life. */
export const inLife = (name: HostName, life: number): HostName => (life === 1 ? name : `${name}#${life}`) as HostName
