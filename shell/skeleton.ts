// Which names look alike: skeletons after UTS #39, section 4, over Unicode's own table. A skeleton is compared, never shown.
import { confusables } from './confusables.js'

const decode = (): ReadonlyMap<string, string> => {
  const looks = new Map<string, string>()
  let source = 0
  for (const word of confusables.trim().split(/\s+/)) {
    const [distance = '', target = ''] = word.split(':')
    source += parseInt(distance, 36)
    looks.set(String.fromCodePoint(source), String.fromCodePoint(...target.split('.').map((digits) => parseInt(digits, 36))))
  }
  return looks
}

const looks = decode()

const skeleton = (text: string): string =>
  Array.from(text.normalize('NFD').replace(/\p{Default_Ignorable_Code_Point}/gu, ''), (one) => looks.get(one) ?? one).join('').normalize('NFD')

/** Without case: by way of capitals, so that a final sigma and a sharp s are those of any other place. */
const folded = (text: string): string => text.toUpperCase().toLowerCase()

/** Names that share one of these look alike. Two, since case and looks do not go together (a capital Greek beta looks like B, a small one like a
 *  sharp s): what the name without case looks like, and what it looks like, without case. Compatibility forms (full width, circled) go first: the
 *  table leaves most of them out. */
export const skeletons = (name: string): ReadonlyArray<string> => {
  const simple = name.normalize('NFKD')
  return [skeleton(folded(simple)), skeleton(folded(skeleton(simple)))]
}
