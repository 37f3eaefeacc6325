// Which faults a seed stands for. A campaign goes through seeds one after another, and so through every climate.
import { absent, crowded, fair, late, lossy, rough, sealedRough, type Options } from './options.js'

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

/** Of so many one has members that are away, and catch up. */
const absentEvery = 10

/** Of so many one has a list that is never at rest, with ten times the messages. */
const crowdedEvery = 20

export const climateOf = (seed: number): { readonly name: string; readonly options: Options } => {
  if (seed % sealedEvery === sealedEvery - 1) return { name: 'sealed', options: sealedRough }
  if (seed % crowdedEvery === crowdedEvery - 1) return { name: 'crowded', options: crowded }
  if (seed % absentEvery === absentEvery - 3) return { name: 'absent', options: absent }
  const [name, options] = climates[seed % climates.length] ?? ['rough', rough]
  return { name, options }
}
