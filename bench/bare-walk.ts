import { closeSync, openSync, readdirSync, readSync } from 'node:fs'

// The least that anything that looks at all files of a tree does: lists each folder, and reads the first 4 KiB of each
// file, one after another. With `tables`, it also reads the L1 table, the refcount table and the first refcount block of
// each image, and looks at no entry. Prints the milliseconds that it took, without the start of the process.
const head = Buffer.alloc(4096)
const table = Buffer.alloc(2 ** 21)
const [, , root = '.', depth] = process.argv
let files = 0

function walk(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) walk(path)
    else {
      const file = openSync(path, 'r')
      readSync(file, head)
      if (depth === 'tables' && head.readUInt32BE() === 0x51_46_49_fb) readTables(file)
      closeSync(file)
      files++
    }
  }
}

function readTables(file: number): void {
  const clusterBytes = 2 ** head.readUInt32BE(20)
  const read = (lengthBytes: number, from: number) => readSync(file, table, 0, lengthBytes, from)
  read(head.readUInt32BE(36) * 8, Number(head.readBigUInt64BE(40)))
  read(head.readUInt32BE(56) * clusterBytes, Number(head.readBigUInt64BE(48)))
  read(clusterBytes, Number(table.readBigUInt64BE()))
}

const startedMs = performance.now()
walk(root)
process.stdout.write(JSON.stringify({ files, tookMs: performance.now() - startedMs }))
