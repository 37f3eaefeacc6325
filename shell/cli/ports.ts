// Which ports a program may use: a range, 22000 to 22499 unless `--ports LOW-HIGH` says otherwise, tried upwards from where it begins.
import { left, map, right, type Either } from 'fp-ts/lib/Either.js'

/** Both ends included; 1..65535. */
export interface PortRange {
  readonly low: number
  readonly high: number
}

/** The range of the course for which the original was written. */
export const usualPorts: PortRange = { low: 22000, high: 22499 }

const highest = 65535

/** `LOW-HIGH`. */
export const portRangeFrom = (text: string): Either<string, PortRange> => {
  const [, low = NaN, high = NaN] = (/^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []).map(Number)
  return low >= 1 && low <= high && high <= highest
    ? right({ low, high })
    : left(`"${text}" is not a range of ports: LOW-HIGH, such as ${usualPorts.low}-${usualPorts.high}, from 1 to ${highest}`)
}

/** `port` and those above it in the range. */
export const upwards = (port: number, { low, high }: PortRange): Either<string, ReadonlyArray<number>> =>
  port >= low && port <= high
    ? right(Array.from({ length: high - port + 1 }, (_, i) => port + i))
    : left(`port ${port} is outside the range ${low}-${high}; choose one inside it, or another range with --ports LOW-HIGH`)

/** The lower ports of the pairs in the range, from `port` upwards, or from the beginning where `port` is not in it. */
export const pairsFrom = (port: number, range: PortRange): Either<string, ReadonlyArray<number>> => {
  const { low, high } = range
  if (low === high) return left(`a peer needs two neighbouring ports, and the range ${low}-${high} has one; widen it with --ports LOW-HIGH`)
  return map((ports: ReadonlyArray<number>) => ports.slice(0, -1))(upwards(port >= low && port < high ? port : low, range))
}
