// What others wrote, as it may stand on a screen: whatever could move the cursor, ring the bell, reverse the line or hide is shown by its
// number, `<U+001B>`, and a tower of combining marks is cut at four a base. Applied where text is shown, never where it is kept.

import { limits } from '../limits.js'

/** Controls (C0, DEL, C1), line and paragraph separators, bidirectional controls, zero-width characters, lone surrogates, tags. */
// eslint-disable-next-line no-control-regex -- the control characters are what it looks for
const dangerous = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu
const tower = new RegExp(`(\\p{M}{${limits.marksShown}})\\p{M}+`, 'gu')

const numbered = (character: string): string => `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`

/** One line that is safe to print. */
export const visible = (text: string): string => text.replace(dangerous, numbered).replace(tower, '$1')

/** JSON on one line with the same characters escaped, so that a terminal that shows it is as safe. */
export const visibleJson = (value: unknown): string =>
  JSON.stringify(value).replace(dangerous, (character) =>
    [...Array(character.length).keys()].map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  )
