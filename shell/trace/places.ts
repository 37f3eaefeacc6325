// Room for words: where a text may stand so that it covers no other one. A text is taken for a chain of points along its middle.

/** px: of a character of 11 px, on average */
const characterWidth = 5.6
/** px: closer than that they touch */
const apart = { along: 9, across: 11.5 }

interface Point {
  readonly x: number
  readonly y: number
}

export interface Spot extends Point {
  /** degrees */
  readonly angle: number
  readonly anchor: 'start' | 'middle' | 'end'
}

export const widthOf = (words: string): number => words.length * characterWidth

/** The points of such a text, from its left to its right. */
const chain = (words: string, { x, y, angle, anchor }: Spot): ReadonlyArray<Point> => {
  const width = widthOf(words)
  const before = { start: 0, middle: width / 2, end: width }[anchor]
  const count = Math.max(2, Math.ceil(width / apart.along))
  const [cos, sin] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]
  return Array.from({ length: count + 1 }, (_, i) => {
    const along = (i / count) * width - before
    // a text stands on its y
    return { x: x + along * cos + 4 * sin, y: y + along * sin - 4 * cos }
  })
}

/** Finds room, and remembers what is taken. */
export class Places {
  /** by lines of the height of a text */
  readonly #taken = new Map<number, Point[]>()

  /** The first of the spots that is free; it is taken then. */
  find(words: string, spots: ReadonlyArray<Spot>): Spot | undefined {
    const spot = spots.find((one) => chain(words, one).every((point) => this.#isFree(point)))
    if (spot !== undefined) this.take(words, spot)
    return spot
  }

  /** Whatever is there already. */
  take(words: string, spot: Spot): void {
    for (const point of chain(words, spot)) {
      const row = Math.floor(point.y / apart.across)
      const points = this.#taken.get(row) ?? []
      this.#taken.set(row, points)
      points.push(point)
    }
  }

  #isFree({ x, y }: Point): boolean {
    const row = Math.floor(y / apart.across)
    const near = [row - 1, row, row + 1].flatMap((one) => this.#taken.get(one) ?? [])
    return near.every((other) => Math.abs(other.x - x) >= apart.along || Math.abs(other.y - y) >= apart.across)
  }
}
