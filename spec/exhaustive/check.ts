// The exhaustive check: every state that a small ring can come to, whatever is lost, repeated or late, and whichever timer is due when.
//
//   node .dist/spec/exhaustive/check.js            all scenes, of up to four members and two processes that stop, and of the server at which some wait
//   node .dist/spec/exhaustive/check.js small      three members
//   node .dist/spec/exhaustive/check.js bugs       what becomes of each bug that is made on purpose
//
// Exits with 1 where a promise is broken, a path was never taken, or a bug lives.
import { byHand } from '../given.js'
import { bugs } from './bugs.js'
import { explore, type Result } from './explore.js'
import { large, small, type Named } from './scenes.js'
import { cheats, largeQueues, smallQueues, type Queue } from './queues.js'
import { taken } from './sometimes.js'
import { wait } from './waiting.js'

const said = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const grouped = (count: number): string => count.toLocaleString('en')
const seconds = (since: number): string => ((Date.now() - since) / 1000).toFixed(1)

const shown = ({ states, steps, runs, datagrams, locals }: Result, since: number): void => {
  said(`  ${grouped(states)} states, ${grouped(steps)} steps, ${seconds(since)} s`)
  said(`  ${grouped(runs)} runs of the production machine; ${datagrams} datagrams; a member can be in ${locals.map(([all, classes]) => `${classes} of ${all}`).join(', ')} states`)
}

const fallen = ({ broken }: Pick<Result, 'broken'>): void => {
  if (broken === undefined) return
  said(`  BROKEN  ${broken.rule}: ${broken.what}`)
  broken.way.forEach((line) => said(`    ${line}`))
}

const look = ({ name, scene }: Named): boolean => {
  said(name)
  const since = Date.now()
  const result = explore(scene, { progress: (states, left) => process.stderr.write(`  ${seconds(since)} s: ${grouped(states)} states, ${grouped(left)} to look at\n`) })
  shown(result, since)
  fallen(result)
  if (result.broken !== undefined) return false
  const paths = taken(scene, result)
  paths.forEach(({ what, is }) => said(`  ${is ? 'sometimes' : 'NEVER    '} ${what}`))
  return paths.every(({ is }) => is)
}

const lookAtQueue = ({ name, errands, wanted }: Queue): boolean => {
  said(name)
  const since = Date.now()
  const { states, steps, reached, disagreements, broken } = wait(errands)
  said(`  ${grouped(states)} states, ${grouped(steps)} steps of the production server, ${seconds(since)} s`)
  fallen({ broken })
  wanted.forEach((what) => said(`  ${reached.has(what) ? 'sometimes' : 'NEVER    '} ${what}`))
  disagreements.forEach((text) => said(`  NOT ALL IS TOLD BY  ${text}`))
  return broken === undefined && disagreements.length === 0 && wanted.every((what) => reached.has(what))
}

const huntInQueue = (): boolean =>
  cheats.map(({ name, errands, trick, rule }) => {
    const { states, steps, broken } = wait(errands, trick)
    said(`${broken?.rule === rule ? 'found' : 'ALIVE'}  ${name}`)
    said(`  ${grouped(states)} states, ${grouped(steps)} steps of the production server`)
    fallen({ broken })
    return broken?.rule === rule
  }).every((is) => is)

const hunt = (): boolean =>
  bugs.map(({ name, scene, tampering, rule }) => {
    const since = Date.now()
    const result = explore(scene, { tampering })
    said(`${result.broken?.rule === rule ? 'found' : 'ALIVE'}  ${name}`)
    shown(result, since)
    fallen(result)
    return result.broken?.rule === rule
  }).every((is) => is)

const goodAt: { readonly [name: string]: () => boolean } = {
  small: () => [...small.map(look), ...smallQueues.map(lookAtQueue)].every((is) => is),
  all: () => [...[...small, ...large].map(look), ...[...smallQueues, ...largeQueues].map(lookAtQueue)].every((is) => is),
  bugs: () => [hunt(), huntInQueue()].every((is) => is),
}
const program = byHand('Every order of events in small scenes: small ones, all, or those with deliberate bugs.')
const [which] = program.addArgument(program.createArgument('[which]', 'of the scenes').choices(Object.keys(goodAt)).default('all')).parse().processedArgs as [string]
if (goodAt[which]?.() !== true) process.exitCode = 1
