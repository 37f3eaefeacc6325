// Plans that have broken a rule once, as small as they could be made. They are kept in `spec/found`, and lived through first, for ever.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Options } from './options.js'
import type { Plan } from './plan.js'

export interface Found {
  /** which rule was broken, and how */
  readonly rule: string
  readonly what: string
  readonly options: Options
  readonly plan: Plan
}

/** From the top of the repository. */
const folder = 'spec/found'

/** The file's name. */
export const keep = (seed: number, found: Found): string => {
  const file = join(folder, `${found.rule.toLowerCase()}-${seed}.json`)
  writeFileSync(file, `${JSON.stringify(found, undefined, 1)}\n`)
  return file
}

export const found = (file: string): Found => JSON.parse(readFileSync(file, 'utf8')) as Found

export const foundFiles = (): ReadonlyArray<string> => readdirSync(folder).filter((file) => file.endsWith('.json')).map((file) => join(folder, file))
