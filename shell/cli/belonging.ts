// Where a server keeps its directory, and whose directory a folder holds. Peers know a server by its keys: under others, those who were registered could not come back, and would be told that
// somebody may be in between.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { left, right, toError, type Either } from 'fp-ts/lib/Either.js'
import { fingerprint, type ContactId } from '../../core/index.js'
import { dataFolder } from '../places.js'
import { exitCodes } from './exitcodes.js'
import { failure, type Failure } from './failure.js'
import { visible } from './visible.js'
import type { IdentityName } from '../identity/secrets.js'

/** The folder of the journal, if there is one. */
export const dataFolderOf = ({ data, memory, identity }: { readonly data: string | undefined; readonly memory: boolean; readonly identity: IdentityName }): string | undefined =>
  memory ? undefined : (data ?? join(dataFolder(process.env), 'servers', identity))

const missing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** Whether the folder is that server's: it is where nobody's name is in it, and is given its own then. `identity`: what that server is called here. */
export const belongsTo = async (folder: string, id: ContactId, identity: string): Promise<Either<Failure, void>> => {
  const path = join(folder, 'server')
  const own = fingerprint(id)
  try {
    const whose = await readFile(path, 'utf8').catch((error: unknown) => {
      if (missing(error)) return undefined
      throw error
    })
    if (whose === undefined) await writeFile(path, `${own}\n`, { mode: 0o600, flag: 'wx' })
    if (whose === undefined || whose.trim() === own) return right(undefined)
    return left(failure(exitCodes.notAuthorised, `${folder} holds the directory of the server ${visible(whose.trim().slice(0, own.length))}, and the keys of "${identity}" are ${own}. Take that server's with --identity, or another --data DIR; or remove ${path}, and all peers meet a new server`))
  } catch (error) {
    return left(failure(exitCodes.disk, `${path}: ${toError(error).message}`))
  }
}
