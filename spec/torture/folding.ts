// What a server that has died has kept: its folder is looked at by the production store and folded by the production rules, as the next server is going
// to do, and nothing in it is changed.
import { isLeft } from 'fp-ts/lib/Either.js'
import { server } from '../../core/index.js'
import { code } from '../../shell/code.js'
import { look } from '../../shell/stores/look.js'
import { Failure } from './notes.js'

const ledger = server.ledger(code)

/** The directory in `folder`, which no process has open. */
export const restoredFrom = (folder: string): server.State => {
  const looked = look(ledger, folder, false)
  if (isLeft(looked)) throw new Failure(`${looked.left._tag}: ${looked.left.sentence}`)
  if (looked.right === undefined) throw new Failure(`nothing is kept in ${folder}`)
  const { state, notes } = looked.right
  if (notes.length > 0) throw new Failure(notes.join('; '))
  return state.state
}
