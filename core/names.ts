// The names that people give to contacts, lists and saved files: io-ts brands, so that parsing is the only way in.
//
// A name travels between the wire's `-_-` separators, stands in a line of the saved file and on a screen. So it holds no separator,
// does not end in a way that would make one with what follows (`-_`), and holds no control character. Anything else is allowed.
import * as t from 'io-ts'
import { limits } from './limits.js'
import { utf8Length } from './wire/utf8.js'

export interface ContactNameBrand { readonly ContactName: unique symbol }
export interface ListNameBrand { readonly ListName: unique symbol }
export interface FileNameBrand { readonly FileName: unique symbol }

/** C0, DEL and C1: they would break a line, a screen or a file. Lone surrogates have no UTF-8. */
// eslint-disable-next-line no-control-regex -- the control characters are what it looks for
const unspeakable = /[\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/u

/** What a name must be, in words for the person who typed another one. */
export const nameRule = `1 to ${limits.nameBytes} bytes of UTF-8 without control characters, without "-_-" and not ending in "-_"`

/** Most names are plain ASCII, whose characters and bytes are as many. */
const isSpeakable = (text: string): boolean => /^[ -~]*$/.test(text) || (!unspeakable.test(text) && utf8Length(text) <= limits.nameBytes)

const isName = (text: string): boolean =>
  text.length > 0 && text.length <= limits.nameBytes && !text.includes('-_-') && !text.endsWith('-_') && isSpeakable(text)

/** A contact's name: `nameRule`. Case matters; no normalisation on the classic wire. */
export const ContactName = t.brand(t.string, (s): s is t.Branded<string, ContactNameBrand> => isName(s), 'ContactName')
export type ContactName = t.TypeOf<typeof ContactName>

/** Controls, formats (bidirectional and zero-width ones among them), private and unassigned characters, and what is drawn as nothing. */
const unseen = /[\p{C}\p{Default_Ignorable_Code_Point}]/u
/** Any blank but single spaces between other characters. */
const oddBlank = /^ | {2}| $|[^\P{Z} ]/u
const stack = new RegExp(`^\\p{M}|\\p{M}{${limits.marksInARow + 1}}`, 'u')

/** What the name of a contact with a key must be, in words. */
export const plainNameRule = `1 to ${limits.plainNameCharacters} visible characters in Unicode normal form C, single blanks only between them, at most ${limits.marksInARow} marks on each`

/** A name that is read as it is written: `plainNameRule`. Two of them may still look alike, which is `Config.skeleton`'s to say. */
export const isPlainName = (text: string): boolean =>
  text.length > 0 &&
  Array.from(text).length <= limits.plainNameCharacters &&
  !unseen.test(text) &&
  !oddBlank.test(text) &&
  !stack.test(text) &&
  text.normalize('NFC') === text

/** Names that differ by case or compatibility form only have one. It knows of no two characters that they resemble each other. */
export const roughSkeletons = (name: string): ReadonlyArray<string> => [name.normalize('NFKD').toUpperCase().toLowerCase()]

/** A list's name: `nameRule`. */
export const ListName = t.brand(t.string, (s): s is t.Branded<string, ListNameBrand> => isName(s), 'ListName')
export type ListName = t.TypeOf<typeof ListName>

const plainFile = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** What the name of a saved file must be, in words. */
export const fileNameRule = 'a plain file name: 1 to 64 letters, digits, dots, dashes or underscores, beginning with a letter or digit; no folders'

/** A saved file's name inside the server's one folder for them; it can name no other folder and no hidden file. */
export const FileName = t.brand(t.string, (s): s is t.Branded<string, FileNameBrand> => plainFile.test(s), 'FileName')
export type FileName = t.TypeOf<typeof FileName>
