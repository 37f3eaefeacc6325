// JSON that is not what was written: one value of it changed, gone, doubled, or in the place of another.
import fc from 'fast-check'

type Path = ReadonlyArray<string | number>

const isTree = (value: unknown): value is object => typeof value === 'object' && value !== null

const entriesOf = (value: object): ReadonlyArray<readonly [string | number, unknown]> => (Array.isArray(value) ? value.map((item: unknown, i) => [i, item] as const) : Object.entries(value))

const pathsIn = (value: unknown): ReadonlyArray<Path> =>
  isTree(value) ? entriesOf(value).flatMap(([key, inner]) => [[key], ...pathsIn(inner).map((rest) => [key, ...rest])]) : []

const at = (value: unknown, path: Path): unknown => path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value)

type Change = 'gone' | 'doubled' | 'other' | 'next' | 'null' | 'wrapped' | 'grown'

const other = (value: unknown, sibling: unknown, change: Change): unknown => {
  if (change === 'null') return null
  if (change === 'wrapped') return [value]
  if (change === 'other') return sibling
  if (typeof value === 'number') return change === 'next' ? value - 1 : value * 1000 + 0.5
  if (typeof value === 'string') return change === 'next' ? `${value.slice(0, -1)}${value.endsWith('0') ? '1' : '0'}` : `${value} \u0007`
  return typeof value === 'boolean' ? !value : value
}

const changed = (value: unknown, [key, ...rest]: Path, change: Change, sibling: unknown): unknown => {
  if (key === undefined || !isTree(value)) return other(value, sibling, change)
  if (Array.isArray(value) && rest.length === 0 && (change === 'gone' || change === 'doubled')) {
    return change === 'gone' ? value.toSpliced(key as number, 1) : value.toSpliced(key as number, 0, value[key as number])
  }
  if (rest.length === 0 && change === 'gone') return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
  const inner = changed((value as Record<string | number, unknown>)[key], rest, change, sibling)
  return Array.isArray(value) ? value.with(key as number, inner) : { ...value, [key]: inner }
}

/** Which value, by its number among all that there are; another one, that may take its place; and what happens. */
export type Blow = readonly [place: number, sibling: number, change: Change]

export const blow = (): fc.Arbitrary<Blow> =>
  fc.tuple(fc.nat(), fc.nat(), fc.constantFrom<Change>('gone', 'doubled', 'other', 'next', 'null', 'wrapped', 'grown'))

/** That value with one thing in it that is otherwise. */
export const struck = (value: object, [place, sibling, change]: Blow): unknown => {
  const paths = pathsIn(value)
  const nth = (n: number): Path => paths[n % Math.max(1, paths.length)] ?? []
  return changed(value, nth(place), change, at(value, nth(sibling)))
}
