// A node of one or more workers, in memory: sessions, directories, and mailboxes between them.
//
// Mail is carried as the server carries it: a message to a name goes from the sender's worker to
// the home worker of the name, and from there to the worker of the connection, in order. A node of
// one worker carries it at once; one of more only when carry() is called, so that tests can let
// messages cross on the way.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "signal/credential.hpp"
#include "signal/dialect_heliograph.hpp"
#include "signal/dialect_tutorial.hpp"
#include "signal/directory.hpp"
#include "signal/session.hpp"

namespace heliograph::signal {

// A connection, and what its client has heard. An id is never used twice.
struct Client {
  Address address;
  std::unique_ptr<Session> session;  // until the connection is gone
  std::vector<std::string> heard;    // since the last take()
  std::optional<std::uint16_t> closed_with;

  // What the client has heard since the last call.
  std::vector<std::string> take();
};

enum class Speaks : std::uint8_t { kTutorial, kHeliograph };

class Node {
 public:
  explicit Node(std::uint32_t workers, const Settings& settings = {});

  // What is stored for a name. Where there is nothing, or no backend, every password is wrong.
  std::map<std::string, std::string> stored;
  bool backend_up = true;
  // Whose a ticket is, and whom a certificate names when it is asked for a name.
  std::map<std::string, std::string> tickets;
  std::map<std::string, std::string> certificates;
  // Credentials are not checked until answer_logins().
  bool hold_logins = false;

  // A connection to `worker`, or to one after the other; its greeting is in `heard`.
  Client& connect(Speaks speaks = Speaks::kTutorial);
  // A connection that has logged in, with nothing in `heard`. Stores the password.
  Client& user(const std::string& name, Speaks speaks = Speaks::kTutorial);

  void say(Client& client, std::string_view message);
  void disconnect(Client& client);
  void answer_logins();
  // Brings all mail to where it goes, and what that gives rise to.
  void carry();
  void pass(Milliseconds time) { now_ += time; }

  [[nodiscard]] std::optional<Address> owner(std::string_view name) const;
  [[nodiscard]] std::size_t checks() const { return checks_; }

 private:
  struct Worker {
    std::deque<std::function<void()>> mail;
    Directory directory;
    TutorialDialect tutorial;
    HeliographDialect heliograph;
  };

  void post(std::uint32_t worker, std::function<void()> letter);
  void settle();
  Client* find(const Address& address);
  void perform(Client& client, const Effects& effects);
  void perform(Client& client, const Effect& effect);
  void check(const Address& asker, LoginId login, const std::string& name,
             const std::string& password);
  void identify(const Address& asker, LoginId login, const std::string& ticket,
                const std::string& name);
  Dialect& dialect(std::uint32_t worker, Speaks speaks);
  void claim(const Address& claimant, LoginId login, const std::string& name);
  void bring(const OwnedEnvelope& envelope);

  Settings settings_;
  Milliseconds now_ = 1'000;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::function<void()>> held_;
  std::size_t checks_ = 0;
};

// The messages of the tutorial's client.
std::string login(std::string_view name, std::string_view password);
std::string message(std::string_view type, std::string_view body, std::string_view name);

}  // namespace heliograph::signal
