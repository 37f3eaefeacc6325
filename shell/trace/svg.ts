// SVG as text: elements, and whatever somebody else wrote made harmless in it.
import { trace } from '../../core/index.js'

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text for between and in tags. */
const escaped = (text: string): string => trace.wordsOf(text).replace(/[&<>"']/g, (character) => entities[character] ?? '')

type Attributes = Readonly<Record<string, string | number | undefined>>

/** At most one digit behind the point: a tenth of a pixel. */
const shown = (value: string | number): string => (typeof value === 'number' ? String(Math.round(value * 10) / 10) : escaped(value))

const attributesOf = (attributes: Attributes): string =>
  Object.entries(attributes).map(([name, value]) => (value === undefined ? '' : ` ${name}="${shown(value)}"`)).join('')

/** `inside` is SVG already. */
export const element = (name: string, attributes: Attributes, inside = ''): string =>
  inside === '' ? `<${name}${attributesOf(attributes)}/>` : `<${name}${attributesOf(attributes)}>${inside}</${name}>`

export const text = (what: string, attributes: Attributes): string => element('text', attributes, escaped(what) || ' ')

/** What is said of an element when a pointer rests on it. */
export const title = (what: string): string => element('title', {}, escaped(what))

export const line = (x1: number, y1: number, x2: number, y2: number, attributes: Attributes): string => element('line', { x1, y1, x2, y2, ...attributes })

/** An X of that half width. */
export const cross = (x: number, y: number, half: number, attributes: Attributes): string => {
  const [left, right, top, bottom] = [x - half, x + half, y - half, y + half].map(shown)
  return element('path', { d: `M${left} ${top}L${right} ${bottom}M${right} ${top}L${left} ${bottom}`, ...attributes })
}

/** The head of an arrow that ends there, having come from the direction of the angle (radians). */
export const arrowhead = (x: number, y: number, angle: number, attributes: Attributes): string => {
  const corner = (turn: number, length: number): string => `${shown(x - length * Math.cos(angle + turn))} ${shown(y - length * Math.sin(angle + turn))}`
  return element('path', { d: `M${shown(x)} ${shown(y)}L${corner(0.38, 9)}L${corner(0, 6.5)}L${corner(-0.38, 9)}Z`, ...attributes })
}
