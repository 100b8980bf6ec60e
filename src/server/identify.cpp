// The worker's part in logins without a password: by ticket, or by the certificate that the client
// has shown to TLS. Neither can be guessed, so neither is slowed down.

#include <utility>

#include "net/clock.hpp"
#include "server/log.hpp"
#include "server/worker.hpp"
#include "signal/certificate_user.hpp"

namespace heliograph::server {

namespace {

constexpr std::int64_t kSecond = 1000;

}  // namespace

void Worker::check_ticket(SlotId id, const Member& member, const signal::Effect& effect) {
  Identified identified{.connection = id, .login = effect.login, .name = std::nullopt};
  std::string_view refusal = "no_login_keys";
  if (settings_->login_keys) {
    auto user = settings_->login_keys->verify(effect.password, net::wall_clock_now() / kSecond);
    if (user) {
      identified.name = std::move(*user);
    } else {
      refusal = signal::describe(user.error());
    }
  }
  const std::size_t count = identified.name ? 0 : refusals_.happened(loop_.now());
  if (count > 0) {
    log::info("login", {{"result", log::Word("bad_ticket")},
                        {"reason", refusal},
                        {"peer", member.peer},
                        {"count", count}});
  }
  post(number_, std::move(identified));
}

void Worker::check_certificate(SlotId id, const Member& member, const signal::Effect& effect) {
  // That of the connection on which the client is now.
  const auto client = member.lifeline ? member.lifeline->client : address_of(id);
  if (!client) {
    return post(number_, Identified{.connection = id, .login = effect.login, .name = std::nullopt});
  }
  post(client->worker, CertificateAsked{.connection = client->connection,
                                        .session = address_of(id),
                                        .login = effect.login,
                                        .name = std::string(effect.name)});
}

void Worker::on_letter(CertificateAsked& letter) {
  Identified identified{
      .connection = letter.session.connection, .login = letter.login, .name = std::nullopt};
  const tls::Peer* const peer = loop_.certificate(letter.connection);
  if (peer != nullptr && peer->authorized()) {
    identified.name = signal::certificate_user(peer->identity, letter.name);
  }
  const std::size_t count = identified.name ? 0 : refusals_.happened(loop_.now());
  if (count > 0) {
    log::info("login", {{"result", log::Word(peer ? "bad_certificate" : "no_certificate")},
                        {"peer", loop_.peer(letter.connection)},
                        {"count", count}});
  }
  post(letter.session.worker, std::move(identified));
}

void Worker::on_letter(Identified& letter) {
  Member* const member = session_at(letter.connection);
  if (member == nullptr) return;
  count_identified(letter, *member);
  with_session(letter.connection, *member, [&](signal::Session& session, signal::Effects& effects) {
    session.identified(letter.login, letter.name, loop_.now(), effects);
  });
}

}  // namespace heliograph::server
