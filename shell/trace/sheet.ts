// Where things are on the sheet: a column for each process, the server first; a row for each event that needs one, in the order in which they happened.
//
// Order counts for more than time: two rows are never closer than can be read, and never farther apart than the eye follows. Events of one instant share
// a row where they are of different processes and none is the receipt of another of them.
import { trace } from '../../core/index.js'
import type { Chosen } from './choose.js'
import type { Woven } from './weave.js'

/** A process through all of its lives. */
export interface Column {
  readonly name: trace.HostName
  readonly role: 'server' | 'member'
  readonly x: number
}

export interface Sheet {
  readonly woven: Woven
  readonly chosen: Chosen
  readonly columns: ReadonlyMap<string, Column>
  readonly width: number
  /** where the rows begin and end */
  readonly top: number
  readonly bottom: number
  /** of each event of the trace, also of those that are not drawn: they are between the others */
  readonly y: (index: number) => number
  /** the instants that stand in the left margin, ms since the origin */
  readonly instants: ReadonlyArray<{ readonly y: number; readonly ms: number }>
}

/** px */
const measures = {
  /** for the instants, and the bars of locks */
  left: 170,
  /** for what is said beside the last line */
  right: 190,
  columnLeast: 130,
  columnMost: 300,
  /** what fits on one screen */
  sheetWidth: 1560,
  rowLeast: 15,
  rowMost: 46,
  sheetHeight: 880,
  /** of a line of text above the rows */
  line: 20,
} as const

const natural = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true })

const columnsOf = ({ events, causes }: Woven, { indices }: Chosen): ReadonlyArray<Omit<Column, 'x'>> => {
  const servers = new Set(events.flatMap((event) => (event.kind === 'start' && event.role === 'server' ? [trace.lifeOf(event.host).name] : [])))
  const shown = new Set(indices.flatMap((index) => [index, causes.get(index) ?? index]).map((index) => trace.lifeOf((events[index] as trace.Event).host).name))
  const isServer = (name: trace.HostName): number => (servers.has(name) ? 0 : 1)
  return [...shown].sort((a, b) => isServer(a) - isServer(b) || natural(a, b)).map((name) => ({ name, role: servers.has(name) ? 'server' : 'member' }))
}

interface Row {
  readonly time: number
  readonly members: ReadonlyArray<number>
}

const rowsOf = ({ events, causes }: Woven, { indices }: Chosen): ReadonlyArray<Row> => {
  const rows: Array<{ time: number; members: number[] }> = []
  let hosts = new Set<string>()
  for (const index of indices) {
    const { time, host } = events[index] as trace.Event
    const { name } = trace.lifeOf(host)
    const last = rows.at(-1)
    const cause = causes.get(index)
    const isShared = last?.time === time && !hosts.has(name) && (cause === undefined || !last.members.includes(cause))
    if (isShared) last.members.push(index)
    else {
      rows.push({ time, members: [index] })
      hosts = new Set()
    }
    hosts.add(name)
  }
  return rows
}

/** More for a longer wait, by its magnitude. */
const gapAfter = (ms: number, least: number): number => (ms <= 0 ? least : Math.min(measures.rowMost, least + 5 * Math.log2(1 + ms)))

/** In so many px, if they fit there. */
const heights = (rows: ReadonlyArray<Row>, room: number): ReadonlyArray<number> => {
  const of = (least: number, stretch: number): ReadonlyArray<number> =>
    rows.map(({ time }, i) => (i === 0 ? 0 : least + stretch * (gapAfter(time - (rows[i - 1] as Row).time, least) - least)))
  const sum = (all: ReadonlyArray<number>): number => all.reduce((a, b) => a + b, 0)
  const tall = of(measures.rowLeast + 4, 1)
  const [free, stretched] = [room - sum(of(measures.rowLeast, 0)), sum(of(measures.rowLeast, 1)) - sum(of(measures.rowLeast, 0))]
  return sum(tall) <= room ? tall : of(measures.rowLeast, stretched === 0 ? 0 : Math.max(0.25, Math.min(1, free / stretched)))
}

/** Of each event, drawn or not, its y: what is not drawn is where the next drawn one is. */
const placed = (count: number, rows: ReadonlyArray<Row>, ys: ReadonlyArray<number>): ((index: number) => number) => {
  const at = new Map(rows.flatMap(({ members }, i) => members.map((index) => [index, ys[i] as number] as const)))
  const all: number[] = []
  let next = (ys.at(-1) ?? 0) + measures.rowLeast
  for (let index = count - 1; index >= 0; index--) {
    next = at.get(index) ?? next
    all[index] = next
  }
  return (index) => all[index] ?? next
}

/** px below the last row: for the legend */
const below = 80

/** `headLines`: of text above the names. */
export const sheetOf = (woven: Woven, chosen: Chosen, headLines: number): Sheet => {
  const named = columnsOf(woven, chosen)
  const free = (measures.sheetWidth - measures.left - measures.right) / Math.max(1, named.length - 1)
  const pitch = Math.max(measures.columnLeast, Math.min(measures.columnMost, free))
  const columns = new Map(named.map((column, i) => [column.name as string, { ...column, x: measures.left + i * pitch }]))
  const rows = rowsOf(woven, chosen)
  const top = 92 + headLines * measures.line
  let y = top
  const ys = heights(rows, measures.sheetHeight - top - below).map((height) => (y += height))
  const instants = rows.flatMap(({ time }, i) => (time === rows[i - 1]?.time ? [] : [{ y: ys[i] as number, ms: time - chosen.origin }]))
  return {
    woven, chosen, columns, top, instants,
    width: measures.left + measures.right + pitch * Math.max(1, named.length - 1),
    bottom: (ys.at(-1) ?? top) + measures.rowLeast + 9,
    y: placed(woven.events.length, rows, ys),
  }
}
