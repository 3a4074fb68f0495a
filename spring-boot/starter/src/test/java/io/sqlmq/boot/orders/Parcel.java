package io.sqlmq.boot.orders;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/** Of an order. */
@Entity
@Table(name = "parcels")
public class Parcel {
    @Id
    private String content;

    protected Parcel() {}

    public Parcel(String content) {
        this.content = content;
    }
}
