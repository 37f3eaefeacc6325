// Rounds: bursts of requests at one process, half a second of them, by the clock and by the CPU that the process used. Several sides take
// turns, A B C, C B A, so that a ratio is made of neighbours, and whatever else the machine does meets all of them.
import { cpuMicros, type Child } from './child.js'
import { mustRun, type Client, type Exchange } from './load.js'

export const roundMs = 500
export const rounds = 8

/** `undo` runs outside the clock. */
export interface Burst {
  readonly clocked: ReadonlyArray<Exchange>
  readonly undo: ReadonlyArray<Exchange>
}

/** A process under measurement, who asks it, and what. */
export interface Side {
  readonly child: Child
  readonly client: Client
  readonly burst: () => Burst
}

/** Answers a second, CPU µs an answer, the share of a core in percent, answers that were wrong or lost. */
export interface Round { readonly rate: number; readonly cpu: number; readonly busy: number; readonly bad: number }

const round = async ({ child: { pid }, client, burst }: Side): Promise<Round> => {
  let [ms, cpu, answered, bad] = [0, 0, 0, 0]
  while (ms < roundMs) {
    const { clocked, undo } = burst()
    const before = cpuMicros(pid)
    const outcome = await client.run(clocked)
    cpu += cpuMicros(pid) - before
    ms += outcome.ms
    answered += outcome.answered
    bad += outcome.wrong + outcome.lost
    if (bad > 1000) throw new Error(`${bad} answers were wrong or lost`)
    await mustRun(client, undo)
  }
  return { rate: (answered / ms) * 1000, cpu: cpu / answered, busy: cpu / ms / 10, bad }
}

/** The rounds of each side, after one that does not count; then the sides have ended. */
export const takeTurns = async (sides: ReadonlyArray<Side>): Promise<ReadonlyArray<ReadonlyArray<Round>>> => {
  const taken = sides.map((): Round[] => [])
  for (const side of sides) await round(side)
  for (let i = 0; i < rounds; i++) {
    const order = i % 2 === 0 ? [...sides.keys()] : [...sides.keys()].reverse()
    for (const at of order) taken[at]?.push(await round(sides[at] as Side))
  }
  for (const { client, child } of sides) {
    client.close()
    await child.stop()
  }
  return taken
}
