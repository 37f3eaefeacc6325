// A program that takes others for away after four seconds instead of 75, so that a test need not wait: loaded before a server and its peers
// (`node --import hasty.js main.js ...`). Peers say as often in that time that they are there as they do in earnest, and more.
import { limits } from '../../core/limits.js'

Object.assign(limits, { awayAfterMs: 4000, perhapsAwayMs: 2500, keepAliveMs: 500, missedPatienceMs: 1000 } satisfies { readonly [name in keyof typeof limits]?: number })
