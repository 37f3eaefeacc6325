// What the oracle remembers of one process of a member, to judge the next step by it.
import type { ImId } from '../../core/index.js'

export interface Past {
  /** the newest epoch that it knows of, and whether it was told that it left */
  epoch: number
  hasLeft: boolean
  readonly shown: Set<ImId>
  readonly taken: Set<ImId>
  /** messages of which a ring copy came */
  readonly heard: Set<ImId>
  /** whom it has passed each on to last, since when, and with which trail */
  readonly passed: Map<ImId, { to: number; since: number; trail: string }>
}

export const newPast = (): Past => ({ epoch: 0, hasLeft: false, shown: new Set(), taken: new Set(), heard: new Set(), passed: new Map() })
