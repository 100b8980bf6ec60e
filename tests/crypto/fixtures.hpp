// Keys and certificates, made once by the commands above them; they guard nothing.
#pragma once

#include <string_view>

namespace heliograph::crypto::fixtures {

inline constexpr std::string_view kPassphrase = "correct horse";

// openssl req -new -key rsa.key -subj /CN=localhost -out rsa.csr
// openssl x509 -req -days 3650 -in rsa.csr -signkey rsa.key -out rsa_v1.crt
inline constexpr std::string_view kRsaV1Certificate = R"(-----BEGIN CERTIFICATE-----
MIICrzCCAZcCFA4s0meRI/CT7xcDlz5svovBAuc8MA0GCSqGSIb3DQEBCwUAMBQx
EjAQBgNVBAMMCWxvY2FsaG9zdDAeFw0yNjExMjIxODM0MjJaFw0zNjExMTkxODM0
MjJaMBQxEjAQBgNVBAMMCWxvY2FsaG9zdDCCASIwDQYJKoZIhvcNAQEBBQADggEP
ADCCAQoCggEBAMa3Q8o2iuT6bLgdsEXEqnV3kC0vg2Sx3iTzdqYZYDyXyctCS8k1
qzms1dSLMqOIedVTMzRjZ51udCJpLGvqUR9yJ6ynISoYgPub+ReMC2wAs4IkT/pa
8fOPD1EbeDaeg9ein6DMFGDSCnvxKAZy+HjkqQEubMLSwNCxtSzCzgz0sCXxV1Rz
WsS900VASHOUrDwXjalNh8s+H2RdQdS22GsRkzX0ndaW97yehUci89hY7FPPqnob
V6yjgmzEYk7WXUKEGU8Gr41BJMjhnY1fiG7OjiU8AzA1G72vRI3+6QeDcBBPhORb
Sz7eOqtS+5VPywHndDXehsCEBdw0hwNEt4cCAwEAATANBgkqhkiG9w0BAQsFAAOC
AQEAe+UNPUD6FJEscnrpVVP5UOToqnZ1cQRixtFmLY6iMOE/Zdjui2Y6P2f/Q/+L
oGOUAsFZwLTe2R1AZzyKY5zxQi5/WjWYFKK1u71S7eHPnxDV0TbZ1tn9E/Dk7Pk1
dxqVNN51t5/+bHiDr4bHbJa5EUnzcHsA0XKJzThlf6N8CFj3FKLSJvSZZkw8Kjys
i8DoImSLWkqQAP6Upy8zb4lUpew0IUiC1OzZJFCeUSVMvfenTg+ZB5ndEVih/JBy
wRPUZJv/7ku6MjAmasw6zOtHXNpEVWUF5MbKO8pA+CYfzUn+REna/9aXtMVq0wpZ
LCrOgqX0sJgN+Mput9ivf+ZmTg==
-----END CERTIFICATE-----
)";

// openssl genrsa -out rsa.key 2048
inline constexpr std::string_view kRsaKey = R"(-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDGt0PKNork+my4
HbBFxKp1d5AtL4Nksd4k83amGWA8l8nLQkvJNas5rNXUizKjiHnVUzM0Y2edbnQi
aSxr6lEfciespyEqGID7m/kXjAtsALOCJE/6WvHzjw9RG3g2noPXop+gzBRg0gp7
8SgGcvh45KkBLmzC0sDQsbUsws4M9LAl8VdUc1rEvdNFQEhzlKw8F42pTYfLPh9k
XUHUtthrEZM19J3Wlve8noVHIvPYWOxTz6p6G1eso4JsxGJO1l1ChBlPBq+NQSTI
4Z2NX4huzo4lPAMwNRu9r0SN/ukHg3AQT4TkW0s+3jqrUvuVT8sB53Q13obAhAXc
NIcDRLeHAgMBAAECggEAIBJcApBNrSnYei7F0GeEC3QXSkkCL9z1OYmB0MpaWe01
ncnpaWQcFTGWoWMwnRbdyFb79gHv1dzfKYlH/h18p6fzofincEqG0WpvCCSLg2GU
QfY9DO8OCyfqakYWCjAIn2OZLTPtkLgrBlikWRtyjDB7hmaebyM3XiIQV6ppOcsg
cejYY4NMmY5MmA1yZ/zC4JVzEldz8Hqtbb4XmWohPjyziO2GM+ggZmu8bgnw261i
fBZPLDX26ZUfy61u0rSItmM0+HRMPyPsefylvYjFTy087ZCwVBnBq3xLEp7y6NzM
062nl1LGBglo9TPtbrqMWrotileiaivbIQUIOl31wQKBgQD0olRHfaNhC8ybMc5R
2U5pRXJNB8bwGNoz4/7yefjzuCNuG4VuwF3DZ5vJok9bQxD5Jyhx5T0JaYx+xbMy
eGio8mwU1a97rXOnOlFDoT/S2BJuxZKO/vXHGpd5tfDwmjcmAwF1m8O75uQ/rV3d
FZHE072I4vY/LVUTCssSjIVBuQKBgQDP8skepHp04JjHXRGb/DwfuVs7mhMjjswj
k7W629Aw2Q8VDsqYKAt4VBJQqEEdoGRsqypq5PfJxXX8DLiTpWzxpwgn8nwaVGxd
wbehei5rmChav2akD/VjjFPAzUq7BW1TTU0kPE3rOtFgYvEmkRqpeCFktkV1MZNP
UM+f6gdjPwKBgByYwTteL3QPugpGRzUALw9VQ+hHSXUVoqRAObREl9p9ov6jDvUE
XbGS8f4fECG99ET709mEj58DDJ5hI/J5atqdBA9nb00I2KUqxwcd2WUfRwBV7izz
Fu4AaMacgx7NGDdEUK5b2ASmF/ZtoLRQairVCanvxhNajEBemaCAdq9ZAoGAQ+1r
BTd1SPiU74rXVbzvZu2Ff9K0rcjXpkd59bAYMdy1sItEYq+yD3xm/zH3E1Zxd43y
LTjeOGroP41oPdKr48RMRcBQCcnKHFZLRdRDlaH+jKY5QR51ai9MrI5i+vSq4as+
p7eLPGvaOUIYxCBiNTmort1bkwy+sgoTyIkKIMECgYEA3qjobhq+7/nd2ljzfmfW
KLxD3KHIl2NrVzN+WIQAtRLiMPJlApz7KAsdFLNJPnXkWCt5mX44HJ9ctvdYdpnP
CvvNYfA814JrcGZMMFRuNemCZ3MAqXmvJ3eIdNphlUesztc29a8HRSP/lkkGPCWg
jsXE2nPDCz1NOVEAsTGR5qk=
-----END PRIVATE KEY-----
)";

// openssl rsa -in rsa.key -traditional -out rsa_traditional.key
inline constexpr std::string_view kRsaTraditionalKey = R"(-----BEGIN RSA PRIVATE KEY-----
MIIEowIBAAKCAQEAxrdDyjaK5PpsuB2wRcSqdXeQLS+DZLHeJPN2phlgPJfJy0JL
yTWrOazV1Isyo4h51VMzNGNnnW50Imksa+pRH3InrKchKhiA+5v5F4wLbACzgiRP
+lrx848PURt4Np6D16KfoMwUYNIKe/EoBnL4eOSpAS5swtLA0LG1LMLODPSwJfFX
VHNaxL3TRUBIc5SsPBeNqU2Hyz4fZF1B1LbYaxGTNfSd1pb3vJ6FRyLz2FjsU8+q
ehtXrKOCbMRiTtZdQoQZTwavjUEkyOGdjV+Ibs6OJTwDMDUbva9Ejf7pB4NwEE+E
5FtLPt46q1L7lU/LAed0Nd6GwIQF3DSHA0S3hwIDAQABAoIBACASXAKQTa0p2Hou
xdBnhAt0F0pJAi/c9TmJgdDKWlntNZ3J6WlkHBUxlqFjMJ0W3chW+/YB79Xc3ymJ
R/4dfKen86H4p3BKhtFqbwgki4NhlEH2PQzvDgsn6mpGFgowCJ9jmS0z7ZC4KwZY
pFkbcowwe4Zmnm8jN14iEFeqaTnLIHHo2GODTJmOTJgNcmf8wuCVcxJXc/B6rW2+
F5lqIT48s4jthjPoIGZrvG4J8NutYnwWTyw19umVH8utbtK0iLZjNPh0TD8j7Hn8
pb2IxU8tPO2QsFQZwat8SxKe8ujczNOtp5dSxgYJaPUz7W66jFq6LYpXomor2yEF
CDpd9cECgYEA9KJUR32jYQvMmzHOUdlOaUVyTQfG8BjaM+P+8nn487gjbhuFbsBd
w2ebyaJPW0MQ+ScoceU9CWmMfsWzMnhoqPJsFNWve61zpzpRQ6E/0tgSbsWSjv71
xxqXebXw8Jo3JgMBdZvDu+bkP61d3RWRxNO9iOL2Py1VEwrLEoyFQbkCgYEAz/LJ
HqR6dOCYx10Rm/w8H7lbO5oTI47MI5O1utvQMNkPFQ7KmCgLeFQSUKhBHaBkbKsq
auT3ycV1/Ay4k6Vs8acIJ/J8GlRsXcG3oXoua5goWr9mpA/1Y4xTwM1KuwVtU01N
JDxN6zrRYGLxJpEaqXghZLZFdTGTT1DPn+oHYz8CgYAcmME7Xi90D7oKRkc1AC8P
VUPoR0l1FaKkQDm0RJfafaL+ow71BF2xkvH+HxAhvfRE+9PZhI+fAwyeYSPyeWra
nQQPZ29NCNilKscHHdllH0cAVe4s8xbuAGjGnIMezRg3RFCuW9gEphf2baC0UGoq
1Qmp78YTWoxAXpmggHavWQKBgEPtawU3dUj4lO+K11W872bthX/StK3I16ZHefWw
GDHctbCLRGKvsg98Zv8x9xNWcXeN8i043jhq6D+NaD3Sq+PETEXAUAnJyhxWS0XU
Q5Wh/oymOUEedWovTKyOYvr0quGrPqe3izxr2jlCGMQgYjU5qK7dW5MMvrIKE8iJ
CiDBAoGBAN6o6G4avu/53dpY835n1ii8Q9yhyJdja1czfliEALUS4jDyZQKc+ygL
HRSzST515FgreZl+OByfXLb3WHaZzwr7zWHwPNeCa3BmTDBUbjXpgmdzAKl5ryd3
iHTaYZVHrM7XNvWvB0Uj/5ZJBjwloI7FxNpzwws9TTlRALExkeap
-----END RSA PRIVATE KEY-----
)";

// openssl req -new -x509 -key p256.key -subj /CN=ec.example
//     -addext subjectAltName=DNS:ec.example -days 3650 -out p256.crt
inline constexpr std::string_view kP256Certificate = R"(-----BEGIN CERTIFICATE-----
MIIBljCCATygAwIBAgIUPYLkxtnp56lZV1npW6STsabfpBkwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKZWMuZXhhbXBsZTAeFw0yNjExMjIxODM0MjJaFw0zNjExMTkx
ODM0MjJaMBUxEzARBgNVBAMMCmVjLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQZPqXqrQctwW6GxaPzp/DIbefgL8lx+2m6jIvZThiynCcit1jnaYUy
Gl34bG06qKPvNz22KCKWQkJfIJptPGH6o2owaDAdBgNVHQ4EFgQULWpFRxaAZIIq
DvcHVBZWVK5/lWcwHwYDVR0jBBgwFoAULWpFRxaAZIIqDvcHVBZWVK5/lWcwDwYD
VR0TAQH/BAUwAwEB/zAVBgNVHREEDjAMggplYy5leGFtcGxlMAoGCCqGSM49BAMC
A0gAMEUCIQCSPiyqxx6UkuiWzwqk4gG+B2vaPbhtJIHZDpB9poJ50gIgLyhrLYkA
6NzEPNDw4110K1kvXLcBcjO+h7mm5p8SZM8=
-----END CERTIFICATE-----
)";

// openssl ecparam -name prime256v1 -genkey -out p256.key (writes EC PARAMETERS first)
inline constexpr std::string_view kP256TraditionalKey = R"(-----BEGIN EC PARAMETERS-----
BggqhkjOPQMBBw==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIAWnQCUhh0n5qUPugoL7yL2vqttdcu97S856Iv1I2Ro5oAoGCCqGSM49
AwEHoUQDQgAEGT6l6q0HLcFuhsWj86fwyG3n4C/JcftpuoyL2U4YspwnIrdY52mF
Mhpd+GxtOqij7zc9tigilkJCXyCabTxh+g==
-----END EC PRIVATE KEY-----
)";

// openssl pkcs8 -topk8 -nocrypt -in p256.key -out p256_pkcs8.key
inline constexpr std::string_view kP256Pkcs8Key = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBadAJSGHSfmpQ+6C
gvvIva+q211y73tLznoi/UjZGjmhRANCAAQZPqXqrQctwW6GxaPzp/DIbefgL8lx
+2m6jIvZThiynCcit1jnaYUyGl34bG06qKPvNz22KCKWQkJfIJptPGH6
-----END PRIVATE KEY-----
)";

// openssl pkcs8 -topk8 -in p256.key -passout 'pass:correct horse' -v2 aes-256-cbc
inline constexpr std::string_view kP256EncryptedPkcs8Key = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgwqf4Wag4DQQICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEBSXuuZfKwT6rIrRqxZBz3oEgZCh
kD0jwYE8Ud1nsfNGW2eZx5l1yml4Q6bzbUDYh2Shk+hn+iQGHRaIgXrWTW5nZtv1
AjH4paFSCgeM52R+Fto2QUeuNrLMCkf9Ihpx6P/VlowGpulXzcX3HXx0q7IBAUsC
fviqMT1fyxgZXXh/tIb43qF+A8Bay7mt/DF+fyexBd5J8NIyJJtQsbDOR7dMcpM=
-----END ENCRYPTED PRIVATE KEY-----
)";

// openssl ec -in p256.key -aes256 -passout 'pass:correct horse'
inline constexpr std::string_view kP256EncryptedTraditionalKey = R"(-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-256-CBC,9A5FB26B377F3A45C288B06F14B1CC07

Y5hhdEOXRRoFkhRtNO9IEwv4eh1yWWgBN6FliiIpzenylSm+Xup00Vzp+1Y5IUHP
RBR+vd6UCtcrsVfoARBx2D4zFrAlSkUzE5+PKpxhdaiXoSHwzjnlbJ6sRhW+P1xr
s1Eg3gEPzP+u6byid3pUmpvrbaQv7DkTHOZ9j0q06L0=
-----END EC PRIVATE KEY-----
)";

// openssl pkcs8 -topk8 -in p256.key -passout 'pass:correct horse' -v1 PBE-MD5-DES
//     -provider legacy -provider default
inline constexpr std::string_view kP256OutdatedEncryptionKey =
    R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGwMBsGCSqGSIb3DQEFAzAOBAgL43ZXsNE+bQICCAAEgZBMouDphJM/rXW4xhyt
YRO/XfngFgIfZPD+IWfLa2+IWXLAVB+yx36ud2fX1qr7pNxHO/FVOBEVJ1flr91q
yC2uaxQ/78oUGFDBclcBxsh6lYKkeTbR7uLp011MM8PCizc++Lygh2ruIYa6A6sF
ScWqhIiAr2gE+02pmD8X2XJ7arK4u76R12qPn3RMB6t72iI=
-----END ENCRYPTED PRIVATE KEY-----
)";

// openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384
inline constexpr std::string_view kP384Key = R"(-----BEGIN PRIVATE KEY-----
MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDAD4YPwtGmYdfNgBOZ2
6kMM5yKySYWERcjyHvkUtVi/9g1De5vOB21Ib+jk4uGcoCWhZANiAARUd7V/gQQa
UJhQlvS/ywpi8CmT2ouzVun26YSODfRv+YLEGGmP5zHc/yBshw8X8fpN6IaWYZ/J
Y5881aWEh1k+Xccl1lH+SftE74L67PChJN4aOdXnYKcpZsQkeHaUMc4=
-----END PRIVATE KEY-----
)";

// openssl genpkey -algorithm Ed25519
inline constexpr std::string_view kEd25519Key = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIBA6dlHbzrf2b4KslaiUG/26Qjd3zSkvZQ2Iexu3+zVt
-----END PRIVATE KEY-----
)";

// openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024
inline constexpr std::string_view kRsa1024Key = R"(-----BEGIN PRIVATE KEY-----
MIICeAIBADANBgkqhkiG9w0BAQEFAASCAmIwggJeAgEAAoGBAMm4Kdtz2qCvuN80
oFjSuSThD8j3YqmerRfD+tUKfM1MsU5pnwK19DZT7NuIs44OmO94m98gQtFKey5c
O5q4NM4ReaM/hrIHPideWx4AtdFwhS86yBW0awD9hYrcxk5wRmiHFZ1J9wE1kyMA
t/A4+QZ5RKhpmrKWm7z8XvXmLEMnAgMBAAECgYBup78WamxhP2QL1YOslhQIXgnZ
tZOC9s9/PPvpSDKEMHEHUbtvsj7AWrORDmFpKSrOGvxunvToeJIwMVplGm2kLsQX
4z71TGc0JFhHunYzy5tvbLT7xq/kikwPO+ZIUqWXr8wB7ycmzaYdew9UU25Da7KM
hf1mfR4InOT4j8ubEQJBAPp2OxhqFpc7sqLpf1AC0j5KAHekXzMl7CN4YQbb2Zde
Ic5YugSDGUqmmpJ7GlrWobFFaktvcQf/Cl1uBng8uG8CQQDOLgUr06o3vprnJffL
cDWCCEpBMji/LjNglm1nu2LnQ3LahWeGW7eE3LAvT/zVnuxgN/rJbMHHFzEUaKzq
aczJAkEAoa4k49PIFYRiAqx8lOfdVHxs5M7k7Z2zXApfiA/v3LjVVeEM49DFSN1X
tutkzfLzmf3Xai7cZm8K/9kAsClyXQJBAIMAuKZtOgVrZW8jL7wiks0JSWz9ZRMM
Xvaq/d7gMGpy78Iq62lyUzvnIUcekq6E6PoF96IOKV2/vZ6TF/NlwAkCQQCyrua9
HlNifxbzGyeCad31VpohB5+lu6o70TnKO4VKtZ7S31wOtX++h7bT+KtrUVTEqmrT
J5V4Ef5pQgtOE8z7
-----END PRIVATE KEY-----
)";

// openssl ecparam -name secp256k1 -genkey -noout
inline constexpr std::string_view kSecp256k1Key = R"(-----BEGIN EC PRIVATE KEY-----
MHQCAQEEIAuOpreRu0Gv3ekjsB1YoHG1N6YLBNm9U7rcYJNEpWz/oAcGBSuBBAAK
oUQDQgAE3RdowoR0VLWk1EEFnoNZk7xKMZjlkX4GkIZ6aF3hGCdDdBxU0toPQi8z
CGS40le5SyR38+bG1WRGbhUiaE45LQ==
-----END EC PRIVATE KEY-----
)";

// openssl genpkey -algorithm X25519
inline constexpr std::string_view kX25519Key = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VuBCIEIBBZuTHZU44E4+zkEOvTjZHehLnNO07x6cmJXJ+yjhpN
-----END PRIVATE KEY-----
)";

// ssh-keygen -t ed25519 -N ''
inline constexpr std::string_view kOpenSshKey = R"(-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACD5JSPn75/XDF29o1YFGZQtXSLwHBaMtUCYWewniaG8KAAAAJCkHUEupB1B
LgAAAAtzc2gtZWQyNTUxOQAAACD5JSPn75/XDF29o1YFGZQtXSLwHBaMtUCYWewniaG8KA
AAAECx75cUWANMBLL8g+QIt57TORTd8bWvaT09xF3/rDnJhvklI+fvn9cMXb2jVgUZlC1d
IvAcFoy1QJhZ7CeJobwoAAAAB3Jvb3RAdm0BAgMEBQY=
-----END OPENSSH PRIVATE KEY-----
)";

}  // namespace heliograph::crypto::fixtures
