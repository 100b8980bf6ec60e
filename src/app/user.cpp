#include "app/user.hpp"

#include <iostream>
#include <memory>
#include <set>

#include "app/exit_status.hpp"
#include "app/files.hpp"
#include "app/password_prompt.hpp"
#include "app/redis_users.hpp"
#include "app/users.hpp"
#include "crypto/start.hpp"
#include "signal/credential.hpp"
#include "signal/name.hpp"

namespace heliograph::app {

namespace {

class FileStore final : public UserStore {
 public:
  explicit FileStore(std::string path)
      : path_(std::move(path)), users_(load_users(path_).value_or(signal::UsersFile())) {}

  bool add(const std::string& name, const std::string& hash) override {
    if (exists(name)) return false;
    users_.set(name, hash);
    write_private_file(path_, users_.format());
    return true;
  }

  bool change(const std::string& name, const std::string& hash) override {
    if (!exists(name)) return false;
    users_.set(name, hash);
    write_private_file(path_, users_.format());
    return true;
  }

  bool remove(const std::string& name) override {
    if (!users_.remove(name)) return false;
    write_private_file(path_, users_.format());
    return true;
  }

  bool exists(const std::string& name) override { return users_.find(name).has_value(); }

  std::set<std::string> names() override {
    std::set<std::string> names;
    for (const auto& [name, hash] : users_.users()) names.insert(name);
    return names;
  }

 private:
  std::string path_;
  signal::UsersFile users_;
};

std::string hash_new_password(const std::string& name) {
  auto hash = signal::hash_password(read_new_password(name));
  if (!hash) throw Failure(EX_SOFTWARE, "cannot hash the password: not enough memory");
  return std::move(*hash);
}

Failure no_such_user(const std::string& name) {
  return {EX_NOUSER, "there is no user '" + name + "'"};
}

Failure user_exists(const std::string& name) {
  return {EX_DATAERR,
          "there is a user '" + name + "' already: 'heliograph user passwd' changes the password"};
}

}  // namespace

void UserCommand::define(CLI::App& command) {
  command.require_subcommand(1);
  const auto verb = [this, &command](const char* name, const char* text, bool named, auto action) {
    CLI::App* const sub = command.add_subcommand(name, text);
    if (named) sub->add_option("NAME", name_, "The user")->required();
    sub->add_option("--users", users_, "The users file")
        ->type_name("FILE")
        ->envname("HELIOGRAPH_USERS")
        ->capture_default_str();
    redis_.define(*sub);
    sub->callback([this, named, action] {
      crypto::start();
      if (named && !signal::is_name(name_)) {
        throw Failure(EX_DATAERR, "a name has 1 to 128 bytes of UTF-8 without control characters");
      }
      if (!redis_.wanted()) {
        FileStore store(users_);
        action(store, name_);
      } else {
        const std::unique_ptr<UserStore> store = open_redis_users(redis_);
        action(*store, name_);
      }
    });
  };
  verb("add", "Add a user; the password is asked for, or read from standard input", true,
       [](UserStore& store, const std::string& name) {
         if (store.exists(name) || !store.add(name, hash_new_password(name))) {
           throw user_exists(name);
         }
       });
  verb("passwd", "Change a user's password", true, [](UserStore& store, const std::string& name) {
    if (!store.exists(name) || !store.change(name, hash_new_password(name))) {
      throw no_such_user(name);
    }
  });
  verb("remove", "Remove a user", true, [](UserStore& store, const std::string& name) {
    if (!store.remove(name)) throw no_such_user(name);
  });
  verb("list", "List the users, one per line", false,
       [](UserStore& store, const std::string& /*name*/) {
         for (const std::string& user : store.names()) std::cout << user << '\n';
       });
}

}  // namespace heliograph::app
