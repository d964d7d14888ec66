// Runs a program compiled to WebAssembly that needs nothing from outside. One that panics ends with
// an exception.
import { readFile } from "node:fs/promises";

const { instance } = await WebAssembly.instantiate(await readFile(process.argv[2]), {});
instance.exports.main(0, 0);
