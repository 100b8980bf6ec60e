#include "server/rehash.hpp"

#include <array>
#include <memory>
#include <utility>

#include "server/log.hpp"
#include "server/worker.hpp"
#include "signal/credential.hpp"

namespace heliograph::server {

bool Worker::wants_rehash(std::string_view stored) const {
  return options_.rehash && redis_ && signal::is_weaker(stored);
}

void Worker::hash_again(const Login& login, std::string_view stored, Mailbox& mailbox) {
  auto hash = signal::hash_password(as_text(login.password));
  if (!hash) return;
  const Bytes bytes = as_bytes(stored);
  mailbox.post(Rehashed{
      .name = login.name, .stored = {bytes.begin(), bytes.end()}, .hash = std::move(*hash)});
}

// A password in the clear, which was compared without the pool. Its user does not wait for this,
// nor do those who log in meanwhile: without leisure it is left for the next time.
void Worker::rehash_later(const Login& login, std::string_view stored) {
  if (!wants_rehash(stored) || !node_.pool->at_leisure()) return;
  std::ignore = node_.pool->submit([mailbox = node_.mailboxes[number_].get(), login,
                                    stored = crypto::SecretBytes(stored.begin(), stored.end())] {
    hash_again(login, as_text(stored), *mailbox);
  });
}

void Worker::on_letter(Rehashed& letter) {
  const resp::Token token = ++last_lookup_;
  const std::string key = options_.redis_prefix + letter.name;
  const std::array<std::string_view, 1> keys = {key};
  const std::array<std::string_view, 3> arguments = {as_text(letter.stored), letter.hash,
                                                     options_.redis_field};
  const auto command = resp::Command::run(kReplacePassword, keys, arguments);
  loop_.metrics().redis_commands[RedisCommand::kEval].add();
  if (redis_->command(command, token, loop_.now())) rehashes_.emplace(token, letter.name);
}

void Worker::on_rehash_event(const resp::ClientEvent& event) {
  const auto rehash = rehashes_.extract(event.token);
  if (rehash.empty()) return;
  const std::string& user = rehash.mapped();
  if (event.kind == resp::ClientEvent::Kind::kFailed) {
    count_redis_failure(event.failure);
    return log::warn("rehash", {{"result", log::Word("failed")},
                                {"user", user},
                                {"reason", resp::describe(event.failure)}});
  }
  if (event.reply.is_error()) {
    loop_.metrics().redis_errors[RedisError::kReply].add();
    return log::warn(
        "rehash",
        {{"result", log::Word("failed")}, {"user", user}, {"reason", event.reply.error_code()}});
  }
  const bool replaced = event.reply.integer() == 1;
  log::info("rehash",
            {{"result", log::Word(replaced ? "replaced" : "changed_meanwhile")}, {"user", user}});
}

}  // namespace heliograph::server
