// The pictures of the documents: counterexamples that deliberate bugs have, kept as plans beside them in `spec/pictures`. `npm run simulate -- --pictures`
// lives through each and draws it again.
import { readFileSync, readdirSync } from 'node:fs'
import { bugs } from './bugs.js'
import { pictured, told } from './picture.js'
import { run } from './run.js'
import type { Found } from './found.js'

interface Kept extends Found {
  readonly bug: string
  readonly title: string
}

export interface Picture {
  /** from the top of the repository */
  readonly file: string
  readonly svg: string
  readonly rule: string
}

const folder = 'spec/pictures'

const drawn = (plan: string): Picture => {
  const kept = JSON.parse(readFileSync(plan, 'utf8')) as Kept
  const { bug, title, rule } = kept
  const result = run(kept.plan, kept.options, bugs[bug], true)
  if (result.broken?.rule !== rule) throw new Error(`${plan} breaks ${result.broken?.rule ?? 'nothing'}, and was to break ${rule}`)
  const events = told(result, { about: title, replay: `npm run simulate -- --found ${plan} --bug '${bug}'` })
  return { file: plan.replace(/json$/, 'svg'), svg: pictured(events), rule }
}

/** Draws all of them. */
export const pictures = (): ReadonlyArray<Picture> => readdirSync(folder).filter((file) => file.endsWith('.json')).map((file) => drawn(`${folder}/${file}`))
