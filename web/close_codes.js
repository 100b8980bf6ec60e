// With which codes a WebSocket is closed, whether to connect again after each, and what to say if
// not. What is not in the table is a lost connection.

/** @type {{from: number, to: number, again: boolean, text: string}[]} */
const CLOSE_CODES = [
  { from: 1000, to: 1000, again: false, text: "The connection was closed." },
  { from: 1001, to: 1001, again: true, text: "The server ends." },
  { from: 1002, to: 1003, again: false, text: "The server could not read what was sent." },
  { from: 1007, to: 1007, again: false, text: "The server could not read what was sent." },
  { from: 1008, to: 1008, again: false, text: "The server has refused the connection." },
  { from: 1009, to: 1009, again: false, text: "A message was too long for the server." },
  { from: 4000, to: 4499, again: true, text: "The server asks to connect again." },
  { from: 4500, to: 4500, again: false, text: "The operator has closed the connection." },
  { from: 4501, to: 4501, again: false, text: "The session goes on in another place." },
  { from: 4502, to: 4999, again: false, text: "The server has closed the connection." },
];

/** @param {number} code */
export const closing = (code) =>
  CLOSE_CODES.find(({ from, to }) => from <= code && code <= to) ?? {
    from: code,
    to: code,
    again: true,
    text: "The connection was lost.",
  };
