// What a journal is written with: SQLite and the calls of node:fs that it needs, as a value, so that a test can let any of them fail.
import fs from 'node:fs'
import Database from 'libsql'

/** A connection to an SQLite file. What fails throws an error with SQLite's `code`. */
export interface Connection {
  /** Statements without parameters and without an answer. */
  readonly run: (sql: string) => void
  readonly rows: (sql: string, ...parameters: ReadonlyArray<number | string>) => ReadonlyArray<Readonly<Record<string, unknown>>>
  /** The same, of a statement that comes again and again. */
  readonly prepare: (sql: string) => (...parameters: ReadonlyArray<number | string>) => void
  readonly isInTransaction: () => boolean
  /** At once where it has only run; otherwise the files stay open until its statements are collected, or its thread ends. */
  readonly close: () => void
}

export interface Disk extends Pick<typeof fs, 'openSync' | 'readSync' | 'writeSync' | 'fsyncSync' | 'closeSync' | 'renameSync' | 'rmSync' | 'statfsSync'> {
  readonly connect: (path: string) => Connection
}

/** Makes durable what was written to a file, or, opened to be read (`r`), which names stand in a folder. Throws what the system says. */
export const sync = ({ openSync, fsyncSync, closeSync }: Pick<Disk, 'openSync' | 'fsyncSync' | 'closeSync'>, path: string, flags: 'r' | 'r+'): void => {
  const file = openSync(path, flags)
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

const connect = (path: string): Connection => {
  const database = new Database(path)
  return {
    run: (sql) => void database.exec(sql),
    rows: (sql, ...parameters) => database.prepare(sql).all(...parameters) as ReadonlyArray<Readonly<Record<string, unknown>>>,
    prepare: (sql) => {
      const statement = database.prepare(sql)
      return (...parameters) => void statement.run(...parameters)
    },
    isInTransaction: () => database.inTransaction,
    close: () => void database.close(),
  }
}

export const systemDisk: Disk = { ...fs, connect }
