// The thread in which a journal is written: a disk that is slow holds up nobody else. It answers each order, in turn; what is due beside the
// orders it does behind an answer.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import { isLeft, right, type Either } from 'fp-ts/lib/Either.js'
import { systemDisk } from './disk.js'
import { openScribe, type Begin, type Scribe } from './scribe.js'
import type { Order } from './writer.js'
import type { Unwritten } from './store.js'

const carriedOut = (scribe: Scribe, order: Order): Either<Unwritten, unknown> => {
  switch (order._tag) {
    case 'Append':
      return scribe.append(order.position, order.text)
    case 'SumAt':
      return scribe.sumAt(order.position)
    case 'Turn':
      return scribe.turn()
    case 'Close':
      return scribe.close()
  }
}

setFlagsFromString('--expose-gc')
/** libsql keeps the files of a closed connection open until its statements are collected: a journal that was removed would go on taking room. */
const collect = runInNewContext('gc') as () => void

const begin = workerData as Begin
const opened = openScribe(systemDisk, begin)
const answer = (said: Either<Unwritten, unknown>): void => parentPort?.postMessage(said)

if (isLeft(opened)) answer(opened)
else {
  answer(right(undefined))
  parentPort?.on('message', (order: Order) => {
    answer(carriedOut(opened.right, order))
    if (order._tag === 'Close') parentPort?.close()
    else opened.right.tend()
    if (order._tag === 'Turn') collect()
  })
}
