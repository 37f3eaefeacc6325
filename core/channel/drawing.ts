// Randomness: drawn from the seed in the state, which is replaced at each draw.
import * as trie from '../trie.js'
import { hexOf } from '../wire/sealed/bytes.js'
import type { Config } from './config.js'
import { changed, type State } from './state.js'

interface Drawn<H, K> {
  readonly state: State<H, K>
  readonly bytes: Uint8Array
}

/** 32 bytes that nobody can guess. */
export const draw = <H, K>({ ciphers }: Config<H, K>, state: State<H, K>): Drawn<H, K> => {
  const { bytes, next } = ciphers.draw(state.seed)
  return { state: changed(state, { seed: next }), bytes }
}

/** An index of 30 bits that no session and no greeting has. */
export const drawIndex = <H, K>(config: Config<H, K>, before: State<H, K>): { readonly state: State<H, K>; readonly index: number } => {
  const { state, bytes } = draw(config, before)
  const index = (((bytes[0] ?? 0) << 24) | ((bytes[1] ?? 0) << 16) | ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0)) & trie.highestKey
  return trie.get(state.slots, index) === undefined ? { state, index } : drawIndex(config, state)
}

/** A factor from 1 to 1.25, by one drawn byte. */
export const jitter = (byte = 0): number => 1 + byte / 1020

/** 8 bytes as 16 hexadecimal digits. */
export const echoOf = (bytes: Uint8Array): string => hexOf(bytes.subarray(0, 8))
