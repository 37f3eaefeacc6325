// The rules of `PROTOCOL.md`: each is the title of the test that shows it, `it(rule('C4'), ...)`, and a test sees that the two agree.
import { readFileSync } from 'node:fs'

/** The repository's root, from the compiled file's place. */
export const root = new URL('../../', import.meta.url)

const rules: ReadonlyMap<string, string> = new Map(
  [...readFileSync(new URL('spec/PROTOCOL.md', root), 'utf8').matchAll(/^\*\*([ACDGIKPQRSVW]\d+)\*\* (.+(?:\n(?!\n|\*\*[ACDGIKPQRSVW]\d+\*\* ).+)*)$/gm)].map(
    ([, number = '', sentence = '']) => [number, sentence.replace(/\s+/g, ' ')],
  ),
)

/** The title of the test for a rule. Throws for a rule that is not written. */
export const rule = (number: string): string => {
  const sentence = rules.get(number)
  if (sentence === undefined) throw new Error(`PROTOCOL.md has no rule ${number}`)
  return `${number} ${sentence}`
}

/** The titles of all rules. */
export const ruleTitles = (): ReadonlyArray<string> => [...rules.keys()].map(rule)
