package io.sqlmq.jms.internal.pool;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/** Recognises a password without keeping it. No password is different from an empty one. */
final class PasswordHash {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SALT_BYTES = 16;

    private final byte[] salt = new byte[SALT_BYTES];
    private final byte[] hash;

    PasswordHash(@Nullable String password) {
        RANDOM.nextBytes(salt);
        hash = hash(password);
    }

    boolean matches(@Nullable String password) {
        return MessageDigest.isEqual(hash, hash(password));
    }

    private byte[] hash(@Nullable String password) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(salt);
            if (password != null) {
                digest.update((byte) 1);
                digest.update(password.getBytes(StandardCharsets.UTF_8));
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
