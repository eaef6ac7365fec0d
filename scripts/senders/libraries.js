/** Sends EVENTS events with a library of Node's, as its own documentation says to: `libraries.js SENDER`. */
const [host, port] = process.env.HEC.split(":");
const [token, url, name] = [process.env.PLAIN, `http://${host}:${port}`, process.argv[2]];
const events = Array.from({ length: Number(process.env.EVENTS) }, (_, n) => ({ mark: `event-${name}/${n}-` }));

/** Fails loudly: what a library tells of an error is an error here. */
const fail = (error) => {
  console.error(error);
  process.exit(1);
};

const senders = {
  "splunk-logging"() {
    const { Logger } = require("splunk-logging");
    const log = new Logger({ token, url, batchInterval: 0, maxBatchCount: 0, maxBatchSize: 0 });
    log.error = fail;
    events.forEach((message) => log.send({ message, metadata: { source: "app", sourcetype: "_json" } }));
    log.flush((error, _response, body) => (error || body.code !== 0) && fail(error ?? body));
  },
  "splunk-bunyan-logger"() {
    const stream = require("splunk-bunyan-logger").createStream({ token, url, batchInterval: 0, maxBatchCount: 7, maxBatchSize: 0 });
    stream.on("error", fail);
    const log = require("bunyan").createLogger({ name: "app", streams: [stream] });
    events.forEach((event) => log.info(event, "said"));
    stream.flush();
  },
  "winston-splunk-httplogger"() {
    const Splunk = require("winston-splunk-httplogger");
    const transport = new Splunk({ splunk: { token, host, url } });
    transport.on("error", fail);
    const log = require("winston").createLogger({ transports: [transport] });
    events.forEach((event) => log.info("said", event));
  },
};

senders[name]();
