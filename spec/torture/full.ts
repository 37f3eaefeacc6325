// Fills a small disk, which is `full.js FOLDER`'s alone, until a store finds no room; makes room; goes on; and looks what is there. Ends with 1 when
// anything is wrong.
import { isLeft } from 'fp-ts/lib/Either.js'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from '../../shell/stores/snapshot.js'
import { threaded } from '../../shell/stores/writer.js'
import { tally } from '../model/tally.js'
import { cabinet, counts, opening } from '../stage/cabinet.js'

const home = process.argv[2] ?? ''
const ballast = join(home, 'ballast')
const rounds = 3

const problems: string[] = []
let fulls = 0
let snapshots = 0
const open = opening(join(home, 'data'), { writer: threaded })
let now = await cabinet(open)
for (let round = 0; round < rounds; round += 1) {
  writeFileSync(ballast, Buffer.alloc(12_000_000))
  for (let index = 0; index < 20_000; index += 1) {
    const written = await now.put(counts(index, 150))
    if (!isLeft(written)) continue
    if (written.left._tag === 'Broken') problems.push(written.left.sentence)
    fulls += 1
    const taken = await now.store.snapshot(now.state())()
    if (isLeft(taken)) {
      snapshots += 1
      if (taken.left._tag === 'Broken') problems.push(taken.left.sentence)
    }
    break
  }
  rmSync(ballast)
  // the journal behind the snapshot before the newest is kept: with the second of these goes what filled the disk
  for (let index = 0; index < 2; index += 1) {
    const written = await now.put(counts(index, 150))
    if (isLeft(written)) problems.push(`with room again: ${written.left.sentence}`)
    const taken = await now.store.snapshot(now.state())()
    if (isLeft(taken)) problems.push(`a snapshot with room again: ${taken.left.sentence}`)
  }
  await now.store.close()
  const next = await cabinet(open)
  if (digestOf(tally, next.state()) !== digestOf(tally, now.state())) problems.push(`found ${next.state().position}, acknowledged ${now.state().position}`)
  now = next
}
await now.store.close()
console.log(`a full disk, ${rounds} times: ${fulls} batches and ${snapshots} snapshots found no room; ${now.state().position} records kept; ${problems.length} wrong`)
for (const problem of problems) console.log(`  ${problem}`)
process.exitCode = problems.length === 0 ? 0 : 1
