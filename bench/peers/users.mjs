// Passwords in Redis, by the npm package `redis`.
import redis from "redis";

export function passwords(port) {
  const client = redis.createClient({ port });
  return (name) =>
    new Promise((resolve, reject) =>
      client.get(name, (error, password) => (error ? reject(error) : resolve(password))));
}
