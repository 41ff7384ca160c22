// Starts the command whose server the tests talk to.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";

const here = dirname(fileURLToPath(import.meta.url));
const command = resolve(process.env.CAIRN ?? join(here, "..", "..", "bin", "cairn"));
const patience = 20_000;

// temporary makes a folder that the process removes at its end.
export function temporary() {
  const dir = mkdtempSync(join(tmpdir(), "cairn-node-"));
  process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

// serve starts a server and waits until it listens. It serves from memory on a
// port that is free, unless the arguments say otherwise.
export async function serve(...args) {
  const ready = join(temporary(), "ready");
  const settings = ["--ready-file", ready, ...args];
  if (!args.includes("--listen")) settings.push("--listen", "127.0.0.1:0");
  if (!args.includes("--store")) settings.push("--memory");
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(CAIRN|KURRENTDB|EVENTSTORE)_/.test(name)));
  const child = spawn(command, ["serve", ...settings], { stdio: ["ignore", "pipe", "pipe"], env });
  const server = new Server(child);
  const deadline = Date.now() + patience;
  while (!existsSync(ready) || readFileSync(ready, "utf8").trim() === "") {
    if (server.over) throw new Error(`the server ended:\n${server.output}`);
    if (Date.now() > deadline) throw new Error(`the server does not listen:\n${server.output}`);
    await pause(10);
  }
  server.address = readFileSync(ready, "utf8").trim().replace(/^.*:\/\//, "");
  return server;
}

// A Server is a program that runs until it is told to end.
export class Server {
  output = "";
  over = false;

  constructor(child) {
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (this.output += text));
    this.ended = new Promise((done) => {
      child.on("error", (error) => {
        this.output += error;
        this.over = true;
        done();
      });
      child.on("exit", (code, signal) => {
        this.code = code;
        this.signal = signal;
        this.over = true;
        done();
      });
    });
  }

  // stop ends the server in good order. That it does not is an error.
  async stop() {
    this.child.kill("SIGINT");
    await this.ended;
    if (this.code !== 0) throw new Error(`the server ended with ${this.code ?? this.signal}:\n${this.output}`);
  }

  // kill gives the server no chance to do anything more.
  async kill() {
    this.child.kill("SIGKILL");
    await this.ended;
  }
}

// certificates makes an authority, a server's certificate that it vouches for,
// and the authority of somebody else.
export function certificates() {
  const dir = temporary();
  const file = (name) => join(dir, name);
  const openssl = (...args) => execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  for (const name of ["ca", "other"]) {
    openssl("req", "-x509", ...key, "-subj", `/CN=${name}`, "-days", "2", "-keyout", file(`${name}.key`), "-out", file(`${name}.crt`),
      "-addext", "keyUsage=critical,keyCertSign");
  }
  writeFileSync(file("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n");
  openssl("req", ...key, "-subj", "/CN=cairn", "-keyout", file("node.key"), "-out", file("node.csr"));
  openssl("x509", "-req", "-in", file("node.csr"), "-CA", file("ca.crt"), "-CAkey", file("ca.key"), "-CAcreateserial",
    "-days", "2", "-extfile", file("names"), "-out", file("node.crt"));
  return { ca: file("ca.crt"), other: file("other.crt"), cert: file("node.crt"), key: file("node.key") };
}
