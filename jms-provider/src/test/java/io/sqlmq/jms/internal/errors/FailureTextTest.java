package io.sqlmq.jms.internal.errors;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FailureTextTest {

    @Test
    void whatIsAtTheRootIsTold() {
        Exception root = new IllegalStateException("the printer is broken");
        assertThat(FailureText.of(root)).isEqualTo("java.lang.IllegalStateException: the printer is broken");
        assertThat(FailureText.of(new RuntimeException("not delivered", new RuntimeException("not handled", root))))
                .isEqualTo("java.lang.RuntimeException: not delivered; caused by java.lang.IllegalStateException: the"
                        + " printer is broken");
        assertThat(FailureText.of(new RuntimeException(root)))
                .isEqualTo("java.lang.RuntimeException: java.lang.IllegalStateException: the printer is broken");
    }

    @Test
    void whatAnswersNothingIsNamed() {
        Exception mute = new Exception() {
            @Override
            public String getMessage() {
                throw new IllegalStateException();
            }

            @Override
            public synchronized Throwable getCause() {
                throw new IllegalStateException();
            }
        };
        assertThat(FailureText.of(mute)).isEqualTo(mute.getClass().getName());
        Exception broken = new Exception() {
            @Override
            public String getMessage() {
                throw new LinkageError();
            }

            @Override
            public synchronized Throwable getCause() {
                throw new LinkageError();
            }
        };
        assertThat(FailureText.of(broken)).isEqualTo(broken.getClass().getName());
    }

    @Test
    void circlesEnd() {
        Exception one = new Exception("one");
        one.initCause(new Exception("two", one));
        assertThat(FailureText.of(one)).isEqualTo("java.lang.Exception: one");
    }
}
