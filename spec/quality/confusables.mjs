// Writes `shell/confusables.ts` from Unicode's table of characters that resemble each other (UTS #39, section 4):
//
//   node spec/quality/confusables.mjs confusables.txt '15.0.0' > shell/confusables.ts
//
// The table is https://www.unicode.org/Public/security/<version>/confusables.txt: lines of `source ; target ; MA`, in hexadecimal code points.
// Sources that normal form D takes apart are left out, since a skeleton begins with that form.
import { readFileSync } from 'node:fs'

const [file, version] = process.argv.slice(2)
const points = (text) => text.trim().split(/\s+/).map((digits) => parseInt(digits, 16))
const rows = readFileSync(file, 'utf8')
  .split('\n')
  .map((line) => line.replace(/^\ufeff|#.*$/g, '').split(';'))
  .filter((parts) => parts.length === 3)
  .map(([source, target]) => [points(source)[0], String.fromCodePoint(...points(target)).normalize('NFD')])
  .filter(([source]) => String.fromCodePoint(source).normalize('NFD') === String.fromCodePoint(source))
  .sort(([a], [b]) => a - b)

const digits = (number) => number.toString(36)
const words = rows.map(([source, target], i) => `${digits(source - (rows[i - 1]?.[0] ?? 0))}:${[...target].map((one) => digits(one.codePointAt(0))).join('.')}`)
const lines = words.reduce((all, word) => {
  const last = all.at(-1)
  return last === undefined || last.length + word.length > 220 ? [...all, word] : [...all.slice(0, -1), `${last} ${word}`]
}, [])

console.log(`// Characters and what they resemble: ${rows.length} of Unicode ${version} (UTS #39, confusables.txt; unicode.org/license.txt). Made by \`spec/quality/confusables\`.
// Each word: how far the character is from the one before, a colon, what it looks like; code points in base 36, joined with dots.
export const confusables = \`
${lines.join('\n')}
\``)
