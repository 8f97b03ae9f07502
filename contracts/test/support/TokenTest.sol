// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IToken} from "./IToken.sol";
import {Vm, vm} from "./Vm.sol";

interface IFactory {
    function create(bytes32 salt, bytes calldata initCode, bytes calldata setUpCall) external returns (address);
}

/// @title What every test of the token starts with: the product's bytecode, a role a key, signers and packers
abstract contract TokenTest {
    struct Payment {
        uint256 key;
        address merchant;
        uint64 amount;
        uint48 nonce;
        uint32 validBefore;
        bytes16 invoice;
    }

    struct Refund {
        uint256 key;
        uint64 amount;
        uint64 refundedBefore;
        uint32 validBefore;
    }

    uint256 internal constant HIGHEST_S = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;
    uint256 internal constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    bytes32 internal constant PAYMENT_TYPEHASH = 0x1b49267ca3474aad2667eddf26714354c2254f00a82c2c0cce4654f5af6ec35c;
    bytes32 internal constant REFUND_TYPEHASH =
        keccak256("Refund(bytes32 payment,uint64 amount,uint64 refundedBefore,uint32 validBefore)");
    uint32 internal constant LATER = 4_000_000_000;
    uint96 internal constant DAILY_LIMIT = 10_000_000;
    uint96 internal constant MINTER_LIMIT = 1_000_000_000;
    uint96 internal constant SUPPLY_CAP = 2_000_000_000;
    uint16 internal constant FEE_CAP = 300;

    address internal constant OWNER = address(0x1001);
    address internal constant PAUSER = address(0x1002);
    address internal constant FREEZER = address(0x1003);
    address internal constant SETTLER = address(0x1004);
    address internal constant MINTER = address(0x1005);
    address internal constant FEES = address(0x1006);
    uint256 internal constant PAYER_KEY = 0xA11CE;
    uint256 internal constant MERCHANT_KEY = 0xB0B;
    uint256 internal constant REFUND_KEY = 0xC0FFEE;

    IToken internal token;
    IFactory internal factory;
    address internal payer;
    address internal merchant;

    function setUp() public virtual {
        factory = IFactory(deploy(code("BaroFactory")));
        token = IToken(factory.create(0, code("KRWToken"), setUpCall()));
        payer = vm.addr(PAYER_KEY);
        merchant = vm.addr(MERCHANT_KEY);
    }

    function setUpCall() internal pure returns (bytes memory) {
        IToken.SettlerLimit[] memory settlers = new IToken.SettlerLimit[](1);
        settlers[0] = IToken.SettlerLimit(SETTLER, DAILY_LIMIT);
        IToken.MinterLimit[] memory minters = new IToken.MinterLimit[](1);
        minters[0] = IToken.MinterLimit(MINTER, MINTER_LIMIT, MINTER_LIMIT);
        IToken.SetUp memory settings =
            IToken.SetUp(OWNER, PAUSER, FREEZER, FEES, FEE_CAP, SUPPLY_CAP, settlers, minters);
        return abi.encodeCall(IToken.setUp, (settings));
    }

    /// @dev Creation code as the product ships it; a mutation run puts another folder in its place.
    function code(string memory contractName) internal view returns (bytes memory) {
        string memory folder = vm.envOr("BARO_BYTECODE", "artifacts/forge");
        return vm.parseBytes(vm.readFile(string.concat(folder, "/", contractName, ".hex")));
    }

    function deploy(bytes memory initCode) internal returns (address created) {
        assembly {
            created := create(0, add(initCode, 0x20), mload(initCode))
        }
        require(created != address(0), "not deployed");
    }

    function mint(address to, uint96 won) internal {
        vm.prank(MINTER);
        token.mint(to, won);
    }

    function freeze(address account) internal {
        vm.prank(FREEZER);
        token.setFrozen(account, true, "case");
    }

    function settle(bytes memory batch) internal {
        vm.prank(SETTLER);
        token.settleBatch(batch);
    }

    function refundAll(bytes memory batch) internal {
        vm.prank(SETTLER);
        token.refundBatch(batch);
    }

    function accountOf(address who) internal view returns (IToken.Account memory) {
        address[] memory one = new address[](1);
        one[0] = who;
        return token.accounts(one)[0];
    }

    /// @dev A payment of the payer to the merchant under the next invoice number.
    function payment(uint64 amount, uint48 nonce) internal view returns (Payment memory) {
        bytes16 invoice = bytes16(keccak256(abi.encode(amount, nonce)));
        return Payment(PAYER_KEY, merchant, amount, nonce, LATER, invoice);
    }

    function structHash(Payment memory p) internal pure returns (bytes32) {
        return keccak256(abi.encode(PAYMENT_TYPEHASH, p.merchant, p.amount, p.nonce, p.validBefore, p.invoice));
    }

    function paymentId(Payment memory p) internal pure returns (bytes32) {
        return keccak256(abi.encode(structHash(p), vm.addr(p.key)));
    }

    function digestOf(bytes32 hash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), hash));
    }

    function compact(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, uint256(s) | uint256(v - 27) << 255);
    }

    function terms(Payment memory p) internal pure returns (bytes memory) {
        return abi.encodePacked(p.amount, p.nonce, p.validBefore, p.invoice);
    }

    function item(Payment memory p) internal view returns (bytes memory) {
        return abi.encodePacked(compact(p.key, digestOf(structHash(p))), terms(p));
    }

    function refundItem(Payment memory p, Refund memory r) internal view returns (bytes memory) {
        bytes32 hash = keccak256(abi.encode(REFUND_TYPEHASH, paymentId(p), r.amount, r.refundedBefore, r.validBefore));
        return abi.encodePacked(item(p), compact(r.key, digestOf(hash)), r.amount, r.refundedBefore, r.validBefore);
    }

    function group(address to, uint16 feeBasisPoints, uint16 count, bytes memory items)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(to, feeBasisPoints, count, items);
    }

    function batchOf(Payment memory p) internal view returns (bytes memory) {
        return group(p.merchant, 0, 1, item(p));
    }

    function refundGroup(address from, uint16 count, bytes memory items) internal pure returns (bytes memory) {
        return abi.encodePacked(from, count, items);
    }

    /// @dev Runs a batch and requires exactly one skip, with this reason, and nothing else.
    function expectSkip(bytes memory batch, uint256 reason) internal {
        vm.recordLogs();
        settle(batch);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 1, "one log");
        requireSkip(logs[0], IToken.Skipped.selector, reason);
    }

    function expectRefundSkip(bytes memory batch, uint256 reason) internal {
        vm.recordLogs();
        refundAll(batch);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 1, "one log");
        requireSkip(logs[0], IToken.RefundSkipped.selector, reason);
    }

    function requireSkip(Vm.Log memory log, bytes32 topic, uint256 reason) internal pure {
        vm.assertEq(log.topics[0], topic);
        (, uint256 found) = abi.decode(log.data, (address, uint256));
        vm.assertEq(found, reason, "reason");
    }
}
