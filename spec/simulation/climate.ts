// Which faults a seed stands for. A campaign goes through seeds one after another, and so through every climate.
import { fair, late, lossy, rough, sealedRough, type Options } from './options.js'

const climates: ReadonlyArray<readonly [name: string, options: Options]> = [
  ['rough', rough],
  ['rough', rough],
  ['lossy', lossy(0.3)],
  ['rough', rough],
  ['late', late],
  ['rough', rough],
  ['rough', rough],
  ['fair', fair],
]

/** Of so many one has the sealed wire, which takes a machine's time five times over. */
const sealedEvery = 25

export const climateOf = (seed: number): { readonly name: string; readonly options: Options } => {
  if (seed % sealedEvery === sealedEvery - 1) return { name: 'sealed', options: sealedRough }
  const [name, options] = climates[seed % climates.length] ?? ['rough', rough]
  return { name, options }
}
